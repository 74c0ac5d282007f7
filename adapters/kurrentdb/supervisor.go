package kurrentdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// grace is how long a call that was given up may take to come back.
const grace = time.Second

// supervisor owns the client and outlives it. The client's connection is kept by one goroutine that every call must
// talk to, and that ends for good when it finds no node; who talks to it just then is not answered, whatever its
// context says. So each call runs in a goroutine of its own and is left behind when its time is up; a client that
// does not recover is replaced; and closing it frees those who were left behind, by a panic that is caught here.
type supervisor struct {
	config  esdb.Configuration
	log     *slog.Logger
	ctx     context.Context // ends with close
	end     context.CancelCauseFunc
	running sync.WaitGroup // goroutines that run calls

	mu      sync.Mutex
	current *link // nil when the next call is to make one
	links   map[*link]bool

	abandoned atomic.Int64 // calls that nobody waits for and that have not come back
	made      atomic.Int64 // clients so far
}

// link is one client and its calls. Only one call is with the client until it is ready: it is the callers beside that
// one who are never answered when no node is found.
type link struct {
	client *esdb.Client
	ready  chan struct{} // closed when the client has a connection, or err why not
	err    error

	calls           int // these are guarded by the supervisor's mutex
	retired, closed bool
}

func supervise(config *esdb.Configuration, log *slog.Logger) *supervisor {
	s := &supervisor{config: *config, log: log, links: map[*link]bool{}}
	s.config.Logger = s.say
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// say is the client's log, which would else go to standard output.
func (s *supervisor) say(level esdb.LogLevel, format string, args ...any) {
	to := slog.LevelDebug
	if level == esdb.LogError || level == esdb.LogWarn {
		to = slog.LevelWarn
	}
	if s.log.Enabled(s.ctx, to) {
		s.log.Log(s.ctx, to, "kurrentdb client: "+fmt.Sprintf(format, args...))
	}
}

// take lends the present client, or a new one.
func (s *supervisor) take() (*link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ended(s.ctx); err != nil {
		return nil, err
	}
	if s.current == nil {
		client, err := esdb.NewClient(&s.config)
		if err != nil {
			return nil, err
		}
		s.current = &link{client: client, ready: make(chan struct{}), calls: 1}
		s.links[s.current] = true
		s.made.Add(1)
		s.running.Add(1)
		go s.connect(s.current)
	}
	s.current.calls++
	s.running.Add(1)
	return s.current, nil
}

// connect makes the client look for a node.
func (s *supervisor) connect(l *link) {
	defer s.give(l)
	l.err = s.guarded(l, func() error {
		_, err := l.client.GetServerVersion()
		return err
	})
	if l.err != nil {
		s.retire(l, l.err)
	}
	close(l.ready)
}

// give ends a call.
func (s *supervisor) give(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.calls--
	if l.retired && l.calls == 0 {
		s.close(l)
	}
	s.running.Done()
}

// retire lets no more calls have a client, and closes it when those that have it are done, soon at the latest.
func (s *supervisor) retire(l *link, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.retired {
		return
	}
	l.retired = true
	if s.current == l {
		s.current = nil
	}
	s.log.Info("kurrentdb: the next call makes a new connection", "error", why)
	if l.calls == 0 || isDead(why) {
		s.close(l)
		return
	}
	time.AfterFunc(s.longest(), func() { // whoever has not come back by then never will
		s.mu.Lock()
		defer s.mu.Unlock()
		s.close(l)
	})
}

// longest is how long a call that is not blocked may be with a client.
func (s *supervisor) longest() time.Duration {
	if deadline := s.config.DefaultDeadline; deadline != nil {
		return *deadline + grace
	}
	return attempt + grace
}

// isDead says that the client's goroutine has ended, so that closing the client harms no call and frees the blocked.
func isDead(why error) bool {
	var known *esdb.Error
	return errors.As(why, &known) && (known.IsErrorCode(esdb.ErrorCodeConnectionClosed) ||
		strings.Contains(known.Error(), "maximum discovery attempt count reached"))
}

// close needs the mutex.
func (s *supervisor) close(l *link) {
	if !l.closed {
		l.closed = true
		delete(s.links, l)
		_ = l.client.Close() // it answers nil always
	}
}

func (s *supervisor) isClosed(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.closed
}

// shut gives up every call, waits until they have come back, and closes every client. Those that are blocked in a
// client come back when it is closed over their heads.
func (s *supervisor) shut() error {
	s.end(domain.ErrStoreClosed)
	back := make(chan struct{})
	go func() {
		s.running.Wait()
		close(back)
	}()
	over := s.wait(back, grace)
	s.mu.Lock()
	for l := range s.links {
		s.close(l)
	}
	s.mu.Unlock()
	if !over && !s.wait(back, 5*grace) {
		return errors.New("close: calls of the client have not come back")
	}
	return nil
}

func (*supervisor) wait(until <-chan struct{}, limit time.Duration) (over bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-until:
		return true
	case <-timer.C:
		return false
	}
}
