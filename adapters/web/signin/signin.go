// Package signin serves the pages behind the links by which people sign in and join: plain HTML that needs no script. A
// GET never uses a link, because programs that scan mails fetch every one; the button on the page does. The package
// decides nothing.
package signin

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // for the template and the style sheet
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/adapters/internal/cookie"
	"github.com/clickbook/clickbook/adapters/sso"
	"github.com/clickbook/clickbook/adapters/web/ui"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

//go:embed page.html
var pageText string

//go:embed style.css
var style string

var (
	page = template.Must(template.New("page").Parse(pageText))
	// policy lets the page use its own style sheet and send its own form, and nothing else.
	policy = func() string {
		sum := sha256.Sum256([]byte(style))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	}()
)

// maxForm bounds the body of a form, which has a name and an address.
const maxForm = 8 << 10

type server struct {
	people *people.People
	log    *slog.Logger
	prefix string // the path of the base URL, without a slash at its end
	limit  *addresslimit.Limit
	sso    *sso.Provider
}

// New returns the pages. Their paths begin with people.LinkPath. organisation is nil if none is configured.
func New(with *people.People, organisation *sso.Provider, log *slog.Logger) http.Handler {
	s := &server{people: with, log: log, limit: addresslimit.New(with.Engine.Now), sso: organisation}
	if base, err := url.Parse(with.Base); err == nil {
		s.prefix = strings.TrimRight(base.EscapedPath(), "/")
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+people.LinkPath+"{secret}", s.guarded(s.show))
	mux.HandleFunc("POST "+people.LinkPath+"{secret}", s.guarded(s.use))
	if organisation != nil {
		mux.HandleFunc("GET "+sso.BeginPath, s.guarded(s.toOrganisation))
		mux.HandleFunc("GET "+sso.BackPath, s.guarded(s.fromOrganisation))
	}
	mux.HandleFunc("/", s.guarded(func(_ http.ResponseWriter, _ *http.Request) (view, error) {
		return view{}, people.ErrLink
	}))
	return http.NewCrossOriginProtection().Handler(mux)
}

// view is what the page shows.
type view struct {
	Words  words
	Style  template.CSS
	Status int // 0 means 200
	Title  string
	Text   string
	Notice string // what is wrong with the form

	Button       string // "" for a page without a form
	AsksName     bool
	AsksEmail    bool
	Name, Email  string // as they were typed
	SignIn, Back string // the address of the sign-in page, for a link that cannot be used
}

// guarded sets the headers that every page has, bounds requests, and shows the page that a handler returns. A handler
// that has redirected returns a zero view.
func (s *server) guarded(handle func(http.ResponseWriter, *http.Request) (view, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "same-origin") // without it a browser hides where the form came from
		header.Set("Cache-Control", "no-store")
		header.Set("X-Robots-Tag", "noindex, nofollow")
		header.Set("X-Content-Type-Options", "nosniff")
		in := wordsOf(r.Header.Get("Accept-Language"))
		if !s.limit.Allow(r) {
			header.Set("Retry-After", "60")
			s.write(w, view{Words: in, Status: http.StatusTooManyRequests, Title: in.Busy})
			return
		}
		if !cookie.Works(r, s.people.Base) {
			s.write(w, view{Words: in, Status: http.StatusForbidden, Title: in.Unsafe, Text: in.UnsafeAdvice})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		found, err := handle(w, r)
		switch {
		case err != nil:
			s.write(w, s.refused(in, err))
		case found.Title != "":
			s.write(w, found)
		}
	}
}

func (s *server) refused(in words, err error) view {
	switch {
	case errors.Is(err, people.ErrLink):
		return view{
			Words: in, Status: http.StatusNotFound, Title: in.Gone, Text: in.GoneAdvice,
			SignIn: s.prefix + ui.Path + "sign-in", Back: in.Ask,
		}
	case errors.Is(err, commands.ErrBusy), errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.Canceled):
		return view{Words: in, Status: http.StatusServiceUnavailable, Title: in.Failed}
	}
	if refusal, ok := domain.AsRefusal(err); ok {
		return view{
			Words: in, Status: http.StatusConflict, Title: in.Failed, Text: refusal.Sentence,
			SignIn: s.prefix + ui.Path + "sign-in", Back: in.Ask,
		}
	}
	s.log.Error("a sign-in page failed", "error", err) // the path has a secret, so it is not logged
	return view{Words: in, Status: http.StatusInternalServerError, Title: in.Failed}
}

// show says what a link is good for.
func (s *server) show(_ http.ResponseWriter, r *http.Request) (view, error) {
	opened, err := s.people.Open(r.Context(), r.PathValue("secret"))
	if err != nil {
		return view{}, err
	}
	return viewOf(opened, r), nil
}

func viewOf(opened people.Opened, r *http.Request) view {
	in := wordsOf(r.Header.Get("Accept-Language"))
	if opened.Locale != "" {
		in = wordsOf(opened.Locale)
	}
	place := opened.Team
	if place == "" {
		place = "ClickBook"
	}
	found := view{Words: in, Button: in.Join, AsksName: true}
	switch opened.Purpose {
	case people.FirstStart:
		found.Title, found.Text, found.Button, found.AsksEmail = in.SetUp, in.SetUpText, in.Begin, true
	case people.Invitation:
		found.Title, found.Text = in.JoinTitle(place), in.joinText(opened.Member.Email.Reveal())
	default:
		found.Title, found.Text = in.SignInTitle(place), in.as(opened.Member.Name.Reveal())
		found.Button, found.AsksName = in.SignIn, false
	}
	return found
}

// use uses a link. What is wrong with the form is shown on the page again, with everything that was typed.
func (s *server) use(w http.ResponseWriter, r *http.Request) (view, error) {
	secret := r.PathValue("secret")
	opened, err := s.people.Open(r.Context(), secret)
	if err != nil {
		return view{}, err
	}
	person := people.Person{Name: r.PostFormValue("name"), Email: r.PostFormValue("email")}
	session, err := s.people.Use(r.Context(), secret, person, r.UserAgent())
	if refusal, ok := domain.AsRefusal(err); ok && refusal.Reason == domain.Invalid {
		again := viewOf(opened, r)
		again.Status, again.Notice = http.StatusUnprocessableEntity, refusal.Sentence
		again.Name, again.Email = person.Name, person.Email
		return again, nil
	}
	if err != nil {
		return view{}, err
	}
	to := ""
	if opened.Purpose != people.SignIn {
		to = "me?welcome=yes" // which offers a passkey
	}
	s.enter(w, r, session, to)
	return view{}, nil
}

// enter gives the browser its session and opens the app.
func (s *server) enter(w http.ResponseWriter, r *http.Request, session, to string) {
	if old := cookie.Read(r); old != "" { // the browser forgets it, so nobody could end it
		if err := s.people.SignOut(r.Context(), old); err != nil {
			s.log.Warn("the session before could not be ended", "error", err)
		}
	}
	w.Header().Add("Set-Cookie", cookie.Set(session, people.AbsoluteLimit))
	http.Redirect(w, r, s.prefix+ui.Path+to, http.StatusSeeOther)
}

// toOrganisation sends the browser to the provider of the organisation.
func (s *server) toOrganisation(w http.ResponseWriter, r *http.Request) (view, error) {
	address, tie, err := s.sso.Begin(r.Context())
	if err != nil {
		return view{}, err
	}
	http.SetCookie(w, tie)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return view{}, nil
}

// fromOrganisation signs in whom the provider has sent back.
func (s *server) fromOrganisation(w http.ResponseWriter, r *http.Request) (view, error) {
	session, err := s.sso.Finish(r)
	http.SetCookie(w, sso.Spent())
	if err != nil {
		return view{}, err
	}
	s.enter(w, r, session, "")
	return view{}, nil
}

func (s *server) write(w http.ResponseWriter, found view) {
	found.Style = template.CSS(style) // it is our own file
	var out bytes.Buffer
	if err := page.Execute(&out, found); err != nil {
		s.log.Error("a sign-in page cannot be written", "error", err)
		http.Error(w, "error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if found.Status != 0 {
		w.WriteHeader(found.Status)
	}
	_, _ = w.Write(out.Bytes())
}
