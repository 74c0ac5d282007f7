// Package web serves the pages behind signed links: plain HTML that needs no script, works on a telephone, and is in
// the language of the account. A GET never changes anything, because programs that preview links fetch them. The token
// in the address is the authority; the pages set no cookie, so no other site can act in the name of a visitor. The
// package decides nothing.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
)

// Config is what the pages need.
type Config struct {
	ByLink     booking.ByLink
	Contacting messaging.Contacting
	Log        *slog.Logger
}

//go:embed templates
var files embed.FS

var (
	pages = template.Must(template.ParseFS(files, "templates/pages.html"))
	style = func() string {
		text, err := fs.ReadFile(files, "templates/style.css")
		if err != nil {
			panic(err) // it is embedded
		}
		return string(text)
	}()
	// policy lets a page use its own style sheet and send its own forms, and nothing else.
	policy = func() string {
		sum := sha256.Sum256([]byte(style))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	}()
)

// server serves the pages.
type server struct {
	Config
	prefix string // the path of the base URL, without a slash at its end
	limit  *addresslimit.Limit
}

// New returns the pages. Their paths begin with links.ManagePath or links.ContactedPath.
func New(config Config) http.Handler {
	s := &server{Config: config, limit: addresslimit.New(config.ByLink.Bookings.Engine.Now)}
	if base, err := url.Parse(config.ByLink.Links.Base); err == nil {
		s.prefix = strings.TrimRight(base.EscapedPath(), "/")
	}
	mux := http.NewServeMux()
	for pattern, page := range map[string]func(*http.Request) (reply, error){
		"GET /m/{token}": s.show, "POST /m/{token}/confirm": s.confirm,
		"GET /m/{token}/cancel": s.askCancel, "POST /m/{token}/cancel": s.cancel,
		"GET /m/{token}/move": s.choose, "POST /m/{token}/move": s.move,
		"GET /c/{token}": s.askContacted, "POST /c/{token}": s.markContacted,
	} {
		mux.Handle(pattern, s.serve(page))
	}
	mux.Handle("/", s.serve(func(*http.Request) (reply, error) { return reply{}, links.ErrLink }))
	return mux
}

// reply is what a page returns: a template with its data, a calendar, or a redirect.
type reply struct {
	status   int // 0 means 200
	template string
	data     page
	calendar []byte
	see      string
}

// serve sends the reply of a page. Every error of a link is the same page, with nothing about the appointment.
func (s *server) serve(handle func(*http.Request) (reply, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
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

// maxForm bounds the body of a form, which has one short field.
const maxForm = 4 << 10

func (s *server) refused(r *http.Request, err error) reply {
	status := http.StatusInternalServerError
	switch {
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
	data := page{Words: in, Title: in.Failed}
	switch status {
	case http.StatusNotFound:
		data.Title, data.Notice = in.Gone, in.GoneAdvice
	case http.StatusTooManyRequests:
		data.Title = in.Busy
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
	case found.calendar != nil:
		header.Set("Content-Type", "text/calendar; charset=utf-8")
		header.Set("Content-Disposition", `attachment; filename="appointment.ics"`)
		_, _ = w.Write(found.calendar)
		return
	}
	found.data.Style = template.CSS(style) // it is our own file
	var out bytes.Buffer
	if err := pages.ExecuteTemplate(&out, found.template, found.data); err != nil {
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
