// Package web serves the public pages: the booking pages of accounts, and the pages after signed links. They are plain
// HTML that needs no script, works on a telephone, and is in the language of its reader. A GET never changes anything,
// because programs that preview links fetch them. The token in the address is the authority, and what a visitor has
// typed is in the form: the pages set no cookie, so no other site can act in the name of a visitor, and a page works in
// a frame. The package decides nothing.
package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
)

// Config is what the pages need.
type Config struct {
	ByLink     booking.ByLink
	Contacting messaging.Contacting
	Visiting   *visiting.Visiting
	Log        *slog.Logger
}

//go:embed templates
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*.html"))

// server serves the pages.
type server struct {
	Config
	base   string // what addresses of link previews begin with: https://book.example.org
	prefix string // the path of the base URL, without a slash at its end
	limit  *addresslimit.Limit
}

// New returns the pages. Their paths begin with those in package links, or are /robots.txt.
func New(config Config) http.Handler {
	s := &server{
		Config: config, base: config.ByLink.Links.Base, limit: addresslimit.New(config.ByLink.Bookings.Engine.Now),
	}
	if base, err := url.Parse(s.base); err == nil {
		s.prefix = strings.TrimRight(base.EscapedPath(), "/")
	}
	mux := http.NewServeMux()
	for pattern, page := range map[string]func(*http.Request) (reply, error){
		"GET /m/{token}": s.show, "POST /m/{token}/confirm": s.confirm,
		"GET /m/{token}/cancel": s.askCancel, "POST /m/{token}/cancel": s.cancel,
		"GET /m/{token}/move": s.choose, "POST /m/{token}/move": s.move,
		"GET /c/{token}": s.askContacted, "POST /c/{token}": s.markContacted,
		"GET /k/{token}": s.askKeep, "POST /k/{token}": s.keep,
		"GET /book/{page}": s.onPage(s.services), "GET /book/{page}/{service}": s.onPage(s.times),
		"GET /book/{page}/zone": s.onPage(s.zones), "GET /book/{page}/logo/{hash}": s.onPage(s.logo),
		"POST /book/{page}/{service}":           s.onPage(s.hold),
		"GET /book/{page}/hold/{token}":         s.onPage(s.details),
		"POST /book/{page}/hold/{token}":        s.onPage(s.book),
		"POST /book/{page}/hold/{token}/extend": s.onPage(s.extend),
		"GET /book/embed.js":                    s.embedScript, "GET /book/icon.svg": s.icon, "GET /robots.txt": s.robots,
	} {
		mux.Handle(pattern, s.serve(page))
	}
	mux.Handle("/", s.serve(func(*http.Request) (reply, error) { return reply{}, links.ErrLink }))
	mux.Handle(links.BookPath, s.serve(func(*http.Request) (reply, error) { return reply{}, visiting.ErrNoPage }))
	return mux
}

// reply is what a page returns: a template with its data, a file, or a redirect.
type reply struct {
	status   int // 0 means 200
	template string
	data     interface{ top() *head }
	file     file
	see      string
}

// file is a reply that is not a page.
type file struct {
	content     []byte
	kind, name  string // name is for a download
	cache       string // "" means that nobody keeps it
	crossOrigin bool   // other sites may use it
}

// serve sends the reply of a page. Every error of a link is the same page, with nothing about the appointment.
func (s *server) serve(handle func(*http.Request) (reply, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policyOf("", false, nil))
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		header.Set("X-Robots-Tag", "noindex, nofollow")
		header.Set("X-Content-Type-Options", "nosniff")
		if !s.limit.Allow(r) {
			header.Set("Retry-After", "60")
			s.write(w, plain(r, http.StatusTooManyRequests))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		found, err := handle(r)
		if err != nil {
			found = s.refused(r, err)
		}
		s.write(w, found)
	})
}

// maxForm bounds the body of a form. The longest has ten replies and a note, of 2,000 characters each.
const maxForm = 256 << 10

func (s *server) refused(r *http.Request, err error) reply {
	var tooLarge *http.MaxBytesError
	status := http.StatusInternalServerError
	switch {
	case errors.As(err, &tooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, visiting.ErrNoPage), errors.Is(err, visiting.ErrNoService), errors.Is(err, visiting.ErrNoStaff):
		return noPage(r)
	case errors.Is(err, links.ErrLink):
		status = http.StatusNotFound
	case errors.Is(err, commands.ErrBusy), errors.Is(err, domain.ErrUnavailable), errors.Is(err, context.Canceled):
		status = http.StatusServiceUnavailable
	default:
		s.Log.Error("a page failed", "error", err) // the path has a token, so it is not logged
	}
	return plain(r, status)
}

// plain returns the page of a refusal, in the language of the browser.
func plain(r *http.Request, status int) reply {
	in := wordsOf(r.Header.Get("Accept-Language"))
	data := &page{Words: in, head: head{Lang: in.Language, Dir: in.Direction, Title: in.Failed}}
	switch status {
	case http.StatusNotFound:
		data.Title, data.Notice = in.Gone, in.GoneAdvice
	case http.StatusTooManyRequests:
		data.Title = in.Busy
	case http.StatusRequestEntityTooLarge:
		data.Title = in.TooLarge
	}
	return reply{status: status, template: "plain", data: data}
}

func (s *server) write(w http.ResponseWriter, found reply) {
	header := w.Header()
	switch {
	case found.see != "":
		header.Set("Location", found.see)
		w.WriteHeader(http.StatusSeeOther)
		return
	case found.file.kind != "":
		found.file.write(w)
		return
	}
	top := found.data.top()
	top.Style, top.Brand = template.CSS(style), template.CSS(top.brand) // our own file, parsed colours
	top.Icon = s.prefix + links.BookPath + "icon.svg"
	if top.scripted {
		top.Script = template.JS(script) // it is our own file
	}
	header.Set("Content-Security-Policy", policyOf(top.brand, top.scripted, top.sites))
	if top.back {
		header.Set("Cache-Control", "private, no-cache") // with no-store, going back would lose the form
	}
	if top.Canonical != "" {
		header.Del("X-Robots-Tag")
	}
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, found.template, found.data); err != nil {
		s.Log.Error("a page cannot be written", "template", found.template, "error", err)
		http.Error(w, "error", http.StatusInternalServerError)
		return
	}
	header.Set("Content-Type", "text/html; charset=utf-8")
	if found.status != 0 {
		w.WriteHeader(found.status)
	}
	_, _ = w.Write(out.Bytes())
}

func (f file) write(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", f.kind)
	if f.name != "" {
		header.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	}
	if f.cache != "" {
		header.Set("Cache-Control", f.cache)
	}
	if f.crossOrigin {
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	_, _ = w.Write(f.content)
}
