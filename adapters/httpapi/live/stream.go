package live

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/clickbook/clickbook/domain"
)

const (
	beat     = 15 * time.Second // between two signs of life, and two checks of the key
	patience = 10 * time.Second // how long one write may take before the reader is too slow
)

// Subscription is who listens to what.
type Subscription struct {
	Account domain.AccountID // zero for an admin of the installation, who hears of every account
	Role    string
	After   domain.Position                 // the last that the page has heard; zero for a new page
	Check   func(ctx context.Context) error // returns an error once the key or the session has ended
}

// stream is one open page. What it was not sent yet is merged, so a slow page costs no memory.
type stream struct {
	Subscription
	mu      sync.Mutex
	pending change
	wake    chan struct{} // has room for one
	ended   chan struct{}
	once    sync.Once
}

func (s *stream) end() { s.once.Do(func() { close(s.ended) }) }

// add merges what the page may know of changes, by account, into what it is to be sent.
func (s *stream) add(changes map[domain.AccountID]change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for of, one := range changes {
		if s.Account.IsZero() || of.IsZero() || of == s.Account {
			s.pending.merge(one, s.Role)
		}
	}
	if s.pending.empty() {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns what is to be sent.
func (s *stream) take() (Change, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.pending
	s.pending = change{}
	return taken.list(), !taken.empty()
}

// open adds a stream. It returns the position from which on the stream is told.
func (h *Hub) open(of Subscription) (*stream, domain.Position, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of[of.Account] >= maxStreams {
		return nil, h.at, ErrTooMany
	}
	s := &stream{Subscription: of, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	h.streams[s] = true
	h.of[of.Account]++
	if h.closed {
		s.end()
	}
	return s, h.at, nil
}

func (h *Hub) leave(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, s)
	if h.of[s.Account]--; h.of[s.Account] == 0 {
		delete(h.of, s.Account)
	}
}

// Serve sends changes as server-sent events until ctx or the key ends, the reader is too slow, or the hub is closed. It
// returns an error only if it has sent nothing yet.
func (h *Hub) Serve(ctx context.Context, w http.ResponseWriter, of Subscription) error {
	s, at, err := h.open(of)
	if err != nil {
		return err
	}
	defer h.leave(s)
	hello := "ready"
	if !of.After.IsZero() {
		changes, ok, err := h.missed(ctx, of.After, at)
		if err != nil {
			return err
		}
		if s.add(changes); !ok {
			hello = "reset"
		}
	}
	out := newSender(w)
	if !out.send("retry: 2000\nid: %s\nevent: %s\ndata: {}\n\n", at, hello) {
		return nil
	}
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.ended:
			return nil
		case <-beats.C:
			if of.Check(ctx) != nil || !out.send("event: here\ndata: {}\n\n") {
				return nil
			}
		case <-s.wake:
			one, is := s.take()
			if at.Before(one.At) { // a page that came back may hear of something before the position of its start
				at = one.At
			}
			if is && !out.send("id: %s\nevent: change\ndata: %s\n\n", at, one.data()) {
				return nil
			}
		}
	}
}

// sender writes events. Each write has its own time limit in place of that of the server.
type sender struct {
	http.ResponseWriter
	control *http.ResponseController
}

// SetHeader sets the header of a response with events.
func SetHeader(header http.Header) {
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("X-Accel-Buffering", "no") // a proxy that collects the events would delay them
}

func newSender(w http.ResponseWriter) sender {
	SetHeader(w.Header())
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // nothing more is read; its end would end the request
	return sender{w, control}
}

// send writes at once. It returns false if the reader is gone or too slow.
func (s sender) send(format string, args ...any) bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // a recorder in a test has none
	if _, err := fmt.Fprintf(s, format, args...); err != nil {
		return false
	}
	return s.control.Flush() == nil
}
