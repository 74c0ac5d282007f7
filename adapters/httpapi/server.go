package httpapi

import (
	"context"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/members"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/httpapi/live"
	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/adapters/passkeys"
	"github.com/clickbook/clickbook/adapters/web/ui"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/docs"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/projections"
)

// Limits of the server. Package middleware bounds one request.
const (
	maxHeader     = 64 << 10
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
)

// Config is what the API needs. All fields are required except Pages, App, SignIn, CellHealth, Waiting,
// Troubles and Build.
type Config struct {
	Engine  *commands.Engine
	Booking booking.Bookings

	Attention booking.Attention
	ByLink    booking.ByLink
	Visiting  *visiting.Visiting
	Links     messaging.Links // of previews; nil for none

	Eraser  *commands.Eraser
	OptOuts commands.OptOuts
	Terms   credit.Terms

	People       *people.People // signs members in
	Passkeys     *passkeys.Passkeys
	Organisation string // the address that begins the sign-in of an organisation; "" for none
	MailInFiles  bool   // emails are files in the data directory
	SecondPerson int64  // micro-credits that one person may refund with a window alone; 0 means no limit

	Reader  projections.Reader
	Views   Views // keeps what Reader reads
	Replies Replies
	Cursors cipher.AEAD // seals the cursors of lists, with its nonce in front

	Live     *live.Hub // tells open pages of changes
	Rebuilds Rebuilds
	Imports  Imports
	Webhooks *webhooks.Hooks
	Pages    http.Handler // of signed links; nil serves none
	App      http.Handler // the staff app; nil serves none
	SignIn   http.Handler // of the links of People; nil serves none

	// CellHealth returns what the detector knows of every cell. It is nil if outages are not detected.
	CellHealth func() []outagedetect.Health
	Demo       Demo // nil outside a demo

	// Waiting reports the transaction of the log's database that delays everyone who follows the log, and for how many
	// seconds it has. It is nil for a store without such transactions.
	Waiting   func() (transaction string, seconds float64, waits bool)
	Carriers  Carriers
	Bounces   Bounces
	Troubles  Troubles // nil means that nobody looks after them
	Simulated bool     // the installation is a trial
	Build     Build
	Log       *slog.Logger
	Clock     func() time.Time // measures how long requests take
}

// Views are the read models as a whole. Replies stores the responses to writes, each of them a Reply.
type (
	Views   = middleware.Views
	Replies = middleware.Replies
	Reply   = middleware.Reply
)

// Troubles are the components that do not work at present. Report is called with every fault of a request.
type Troubles interface {
	List() []Trouble
	Report(err error)
}

// Trouble is a component that does not work, in words for everybody.
type Trouble struct {
	Component, Reason string
	Since             time.Time
}

// Build identifies the program.
type Build struct{ Version, Revision string }

// New returns the API with its document and its reference page.
func New(config Config) (http.Handler, error) {
	document, err := openapi.Parse(docs.OpenAPI)
	if err != nil {
		return nil, err
	}
	page, err := document.Reference()
	if err != nil {
		return nil, fmt.Errorf("render the reference page: %w", err)
	}
	router := mux.NewRouter()
	serveFile(router, openapi.Base+"/openapi.yaml", "application/yaml", docs.OpenAPI)
	serveFile(router, "/docs", "text/html; charset=utf-8", page)
	serveFile(router, "/docs/reference.css", "text/css; charset=utf-8", openapi.StyleSheet)
	serveFile(router, "/docs/reference.svg", "image/svg+xml", openapi.Icon)
	if config.SignIn != nil {
		router.PathPrefix(people.LinkPath).Handler(config.SignIn)
	}
	if config.Pages != nil {
		for _, path := range []string{
			links.ManagePath, links.ContactedPath, links.KeepPath, links.BookPath, "/robots.txt",
		} {
			router.PathPrefix(path).Handler(config.Pages)
		}
	}
	first := "/docs"
	if config.App != nil {
		first = ui.Path
		router.PathPrefix(ui.Path).Handler(config.App).Methods(http.MethodGet)
		router.Handle(strings.TrimSuffix(ui.Path, "/"), http.RedirectHandler(ui.Path, http.StatusFound)).
			Methods(http.MethodGet)
	}
	router.Handle("/", http.RedirectHandler(first, http.StatusFound)).Methods(http.MethodGet)
	serveCallbacks(router, config.Carriers, config.Clock)
	routes := router.NewRoute().Subrouter() // with a path prefix the router would return 404 instead of 405
	router.NotFoundHandler = refuse(problem.ErrRouteUnknown)
	writes, locks := middleware.NewLastWrites(), middleware.NewKeyLocks()
	h := &handlers{Config: config, writes: writes}
	h.Handlers = members.New(members.Deps{
		Engine: config.Engine, People: config.People, Passkeys: config.Passkeys, Eraser: config.Eraser, Run: h.run,
		Organisation: config.Organisation, MailInFiles: config.MailInFiles,
	})
	gate := &middleware.Gate{Engine: config.Engine, People: config.People, Foreign: http.NewCrossOriginProtection()}
	h.serveFeeds(router)
	routes.Use(
		gate.Authenticate(document),
		gate.GuardSignIn,
		middleware.BoundAddresses(addresslimit.New(config.Engine.Now)),
		middleware.CheckDocument,
		middleware.RememberList,
		middleware.LoadAccount(config.Engine),
		middleware.CheckConditions,
		func(next http.Handler) http.Handler { return middleware.WaitForViews(config.Views, writes, next) },
		middleware.NewShares().Bound,
		func(next http.Handler) http.Handler { return middleware.Idempotent(config.Replies, h, locks, next) },
	)
	normal := []api.StrictMiddlewareFunc{middleware.Normal}
	strict := api.NewStrictHandlerWithOptions(h, normal, api.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: refuseBody, ResponseErrorHandlerFunc: h.refuse,
	})
	operations := mux.NewRouter()
	api.HandlerWithOptions(strict, api.GorillaServerOptions{
		BaseURL: openapi.Base, BaseRouter: operations, ErrorHandlerFunc: refuseParameter,
	})
	if err := serveByShape(routes, operations); err != nil {
		return nil, err
	}
	report := func(error) {}
	if config.Troubles != nil {
		report = config.Troubles.Report
	}
	served := allowSites(config.Visiting, addresslimit.New(config.Engine.Now), middleware.Address(router))
	return middleware.Log(config.Log, config.Clock, report, served), nil
}

func refuse(err error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { middleware.Refuse(w, r, err) })
}

// refuseBody and refuseParameter refuse what the document allows and Go cannot hold, such as a date that does not
// exist. JSON Schema takes 1.0 and 1e3 for integers, and here they are refused: every amount is written in digits.
func refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	var number *json.UnmarshalTypeError
	if errors.As(err, &number) && number.Field != "" {
		middleware.Refuse(w, r, problem.Invalid(number.Field,
			"%s must be a whole number in digits, without a fraction or an exponent, and of at most 64 bits", number.Field))
		return
	}
	middleware.Refuse(w, r,
		problem.Invalid("", "a value of the body does not exist or is too large; check dates, times and numbers"))
}

func refuseParameter(w http.ResponseWriter, r *http.Request, err error) {
	field := "a parameter"
	var named *api.InvalidParamFormatError
	if errors.As(err, &named) {
		field = named.ParamName
	}
	middleware.Refuse(w, r, problem.Invalid(field, "%s does not exist or is malformed; /docs describes its form", field))
}

// pagePolicy lets the reference page load its own style sheet and icon, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; " +
	"frame-ancestors 'none'"

func serveFile(router *mux.Router, path, contentType string, body []byte) {
	router.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		header := w.Header()
		header.Set("Content-Type", contentType)
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Security-Policy", pagePolicy)
		_, _ = w.Write(body)
	}).Methods(http.MethodGet)
}

// NewHTTPServer returns a server that limits how much a client can send and how long it can take.
func NewHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		MaxHeaderBytes:    maxHeader,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// Serve serves requests until ctx ends. Then it accepts no more, and waits at most grace for those in progress. A
// write is acknowledged only when it is durable, so every acknowledged write is kept. A caller that was cut off can
// repeat its request with the same Idempotency-Key. Close the store only after Serve has returned.
func Serve(ctx context.Context, server *http.Server, listener net.Listener, grace time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err := server.Shutdown(bounded)
	if errors.Is(err, context.DeadlineExceeded) {
		_ = server.Close()
		return fmt.Errorf("some requests were cut off after %s; acknowledged writes are kept", grace)
	}
	return err
}
