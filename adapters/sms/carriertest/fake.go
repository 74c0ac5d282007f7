package carriertest

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Noon is the time in the labs of fakes.
var Noon = time.Date(2026, 12, 1, 12, 0, 30, 0, time.UTC)

// Fake is a provider with an API over HTTP, on loopback. What is particular to the provider is in its Shape.
type Fake struct {
	Server *httptest.Server

	t         testing.TB
	shape     Shape
	mu        sync.Mutex
	next      Behaviour
	accepted  []Submitted
	reports   map[string]Report // the latest, by the provider's id
	meanwhile func(Submitted)
	logged    bytes.Buffer
}

// Shape is how one provider's API looks, exactly as its documents say.
type Shape interface {
	// Parse reads a request that submits a text. It returns false if the request is for something else, and an error
	// for a request that the provider would not understand.
	Parse(r *http.Request, body []byte, n int) (Submitted, bool, error)
	// Accept replies that the text was accepted.
	Accept(w http.ResponseWriter, text Submitted)
	// Refuse replies to a text as a behaviour says. It returns false if the provider never behaves so.
	Refuse(w http.ResponseWriter, b Behaviour, text Submitted) bool
	// Else replies to another request, such as one for the status or the balance.
	Else(w http.ResponseWriter, r *http.Request, find func(id string) (Submitted, Report, bool), b Behaviour)
}

// NewFake starts a fake of a provider. Its clock is at Noon.
func NewFake(t testing.TB, shape Shape) *Fake {
	t.Helper()
	f := &Fake{t: t, shape: shape, reports: make(map[string]Report)}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Server.Close)
	return f
}

// Lab fills what a fake knows into a lab.
func (f *Fake) Lab(lab Lab) Lab {
	lab.Now = func() time.Time { return Noon }
	lab.Behave, lab.Accepted, lab.Meanwhile = f.Behave, f.Accepted, f.Meanwhile
	lab.Logged = f.Logged
	return lab
}

// Log returns the log for the adapter.
func (f *Fake) Log() *slog.Logger {
	return slog.New(slog.NewTextHandler(locked{f}, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

type locked struct{ f *Fake }

func (l locked) Write(p []byte) (int, error) {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	return l.f.logged.Write(p)
}

// Logged returns what was logged.
func (f *Fake) Logged() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logged.String()
}

// Behave is for Lab.
func (f *Fake) Behave(b Behaviour) bool {
	switch b {
	case BadNumber, BadCredentials, Throttled, Unavailable, ErrorInside, UnheardCode:
		if !f.shape.Refuse(httptest.NewRecorder(), b, Submitted{}) {
			return false
		}
	case Down:
		_ = f.Server.Listener.Close()
	case Healthy, ServerError, Malformed, Empty, Endless, Dropped, Held, StatusError, StatusMalformed, StatusUnknown:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = b
	return true
}

// Accepted is for Lab.
func (f *Fake) Accepted() []Submitted {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.accepted)
}

// Meanwhile is for Lab.
func (f *Fake) Meanwhile(call func(Submitted)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.meanwhile = call
}

// Reported records what became of a text, for later status queries.
func (f *Fake) Reported(text Submitted, report Report) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reports[text.ProviderID] = report
}

func (f *Fake) find(id string) (Submitted, Report, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.accepted, func(s Submitted) bool { return s.ProviderID == id })
	if at < 0 {
		return Submitted{}, Report{}, false
	}
	return f.accepted[at], f.reports[id], true
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	text, submits, err := f.shape.Parse(r, body, len(f.accepted)+1)
	b := f.next
	meanwhile := f.meanwhile
	if submits {
		f.next = Healthy
	}
	refuses := slices.Contains([]Behaviour{BadNumber, BadCredentials, Throttled, Unavailable, ErrorInside, UnheardCode}, b)
	if submits && err == nil && !refuses {
		f.accepted = append(f.accepted, text)
	}
	f.mu.Unlock()
	switch {
	case !submits && b == StatusError:
		w.WriteHeader(http.StatusInternalServerError)
	case !submits && b == StatusMalformed:
		_, _ = io.WriteString(w, "<html>Bad gateway</html>")
	case !submits:
		f.shape.Else(w, r, f.find, b)
	case err != nil:
		f.t.Errorf("the provider would not understand the request: %v", err)
		w.WriteHeader(http.StatusBadRequest)
	case refuses:
		f.shape.Refuse(w, b, text)
	default:
		if meanwhile != nil {
			meanwhile(text)
		}
		f.reply(w, r, b, text)
	}
}

// reply replies to a text that was accepted.
func (f *Fake) reply(w http.ResponseWriter, r *http.Request, b Behaviour, text Submitted) {
	switch b {
	case ServerError:
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"message":"Internal error"}`)
	case Malformed:
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, `{"messages":[{"sid":`)
	case Empty:
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, `{}`)
	case Endless:
		for range 64 {
			if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
				return
			}
		}
		f.t.Error("the adapter read a reply of 64 MB")
	case Dropped:
		panic(http.ErrAbortHandler) // closes the connection without a reply
	case Held:
		<-r.Context().Done()
	default:
		f.shape.Accept(w, text)
	}
}
