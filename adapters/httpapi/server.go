package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/docs"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
)

// Config is everything the API is made of. All fields must be set, but for Build.
type Config struct {
	Engine   *commands.Engine
	Streams  domain.StreamReader // for the story of one message
	Booking  Booking
	Openings Openings
	Eraser   Eraser
	Keys     Keys
	Replies  Replies
	Terms    credit.Terms

	Views      Views
	Accounts   Accounts
	Services   Services
	Resources  Resources
	Clients    Clients
	Calendar   Calendar
	Messages   Messages
	Due        Due
	Deliveries Deliveries
	Ledger     Ledger
	Windows    Windows
	Providers  Providers
	Issued     Issued

	// Waiting tells which transaction of the log's database holds back all that follow the log, and for how many
	// seconds; nil where the store knows no such thing.
	Waiting   func() (transaction string, seconds float64, waits bool)
	Simulated bool // no real carrier is configured
	Build     Build
	Slog      *slog.Logger
	Clock     func() time.Time // for how long requests take
}

// Build says which program this is.
type Build struct{ Version, Revision string }

// New is the API with its document and reference page, ready for an http.Server (NewHTTPServer).
func New(config Config) (http.Handler, error) {
	spec, table, err := parseSpec(docs.OpenAPI)
	if err != nil {
		return nil, err
	}
	page, err := referencePage(spec)
	if err != nil {
		return nil, fmt.Errorf("write the reference page: %w", err)
	}
	writes, underWay := newLastWrites(), newFlights()
	operations := &api{Config: config, writes: writes}
	strict := NewStrictHandlerWithOptions(operations, nil, StrictHTTPServerOptions{
		RequestErrorHandlerFunc: refuseBody, ResponseErrorHandlerFunc: writeProblem,
	})

	router := mux.NewRouter()
	router.Handle(Base+"/openapi.yaml", document("application/yaml", docs.OpenAPI)).Methods(http.MethodGet)
	router.Handle("/", http.RedirectHandler("/docs", http.StatusFound)).Methods(http.MethodGet)
	router.Handle("/docs", document("text/html; charset=utf-8", page)).Methods(http.MethodGet)
	router.Handle("/docs/reference.css", document("text/css; charset=utf-8", referenceCSS)).Methods(http.MethodGet)
	router.Handle("/docs/reference.svg", document("image/svg+xml", referenceIcon)).Methods(http.MethodGet)
	routes := router.NewRoute().Subrouter() // a prefix here would make the router answer 404 for 405
	for _, one := range []*mux.Router{router, routes} {
		one.NotFoundHandler = refusing(errNoRoute)
		one.MethodNotAllowedHandler = refusing(errMethod)
	}
	routes.Use(
		guard(table, config.Keys),
		validate,
		inAccount(config.Engine),
		expect,
		func(next http.Handler) http.Handler { return await(config.Views, writes, next) },
		func(next http.Handler) http.Handler { return once(config.Replies, underWay, next) },
	)
	HandlerWithOptions(strict, GorillaServerOptions{
		BaseURL: Base, BaseRouter: routes, ErrorHandlerFunc: refuseParameter,
	})
	return edge(config.Slog, config.Clock, router), nil
}

func refusing(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { writeProblem(w, r, err) })
}

// refuseBody and refuseParameter answer what the document lets through and Go cannot hold, such as a date that does
// not exist.
func refuseBody(w http.ResponseWriter, r *http.Request, _ error) {
	writeProblem(w, r, invalid("", "a value of the body does not exist or is too large; check dates, times and numbers"))
}

func refuseParameter(w http.ResponseWriter, r *http.Request, err error) {
	field := "a parameter"
	var named *InvalidParamFormatError
	if errors.As(err, &named) {
		field = named.ParamName
	}
	writeProblem(w, r, invalid(field, "%s does not exist or cannot be read; check its form in /docs", field))
}

// pagePolicy lets the reference page load its own style sheet and icon, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'none'"

func document(contentType string, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Security-Policy", pagePolicy)
		_, _ = w.Write(body)
	})
}
