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
	"google.golang.org/grpc/metadata"

	"github.com/clickbook/clickbook/domain"
)

// grace is how long the calls on a replaced client may go on before it is closed over their heads.
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
	time.AfterFunc(grace, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.close(l)
	})
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

// launch runs work with a client in a goroutine of its own. What became of it comes through done; leave gives it up.
// One of the two must be used to the end. The context's end gives it up too; one that is detached is seen through to its
// deadline, so that fewer outcomes remain unknown.
func (s *supervisor) launch(
	ctx context.Context, detached bool, work func(context.Context, *esdb.Client) error,
) (done <-chan error, leave func(why error)) {
	answer := make(chan error, 1)
	l, err := s.take()
	if err != nil {
		answer <- err
		return answer, func(error) {}
	}
	back := grace // how soon who was given up must be back
	if detached {
		ctx, back = context.WithoutCancel(ctx), attempt+grace
		if deadline := s.config.DefaultDeadline; deadline != nil {
			back = *deadline + grace
		}
	}
	// The client means to say this to the node with each call and does not: where it arrives, a node that does not
	// lead refuses to answer from what it has, and names the leader.
	ctx, cancel := context.WithCancelCause(metadata.AppendToOutgoingContext(ctx, "requires-leader", "true"))
	unbind := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	var left, over atomic.Bool
	go func() {
		err := s.run(ctx, l, work)
		unbind()
		cancel(nil)
		answer <- err
		if over.Store(true); left.CompareAndSwap(true, false) {
			s.abandoned.Add(-1)
		}
		s.give(l)
	}()
	return answer, func(why error) {
		if !detached {
			cancel(why)
		}
		s.abandoned.Add(1)
		if left.Store(true); over.Load() && left.CompareAndSwap(true, false) {
			s.abandoned.Add(-1)
		}
		if errors.Is(why, errStuck) {
			s.retire(l, why)
			return
		}
		time.AfterFunc(back, func() { // who has not come back by then is blocked
			if !over.Load() {
				s.retire(l, errStuck)
			}
		})
	}
}

// run waits until the client is ready, and runs work with it.
func (s *supervisor) run(ctx context.Context, l *link, work func(context.Context, *esdb.Client) error) error {
	select {
	case <-l.ready:
	case <-ctx.Done():
		return ended(ctx)
	}
	if l.err != nil {
		return l.err
	}
	err := s.guarded(l, func() error { return work(ctx, l.client) })
	if spoilt(ctx, err) {
		s.retire(l, err)
	}
	return err
}

// spoilt says whether an error means that the client is of no more use, and not only that its caller went away.
func spoilt(ctx context.Context, err error) bool {
	if err == nil || judge(err) != broken {
		return false
	}
	var known *esdb.Error
	lost := errors.As(err, &known) &&
		(known.IsErrorCode(esdb.ErrorUnavailable) || known.IsErrorCode(esdb.ErrorCodeConnectionClosed))
	return lost || ended(ctx) == nil
}

// guarded turns a panic into an error. The one with which the client meets its own Close means only that.
func (s *supervisor) guarded(l *link, work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if err = error(&panicked{p}); s.isClosed(l) {
				err = errReplaced
			}
		}
	}()
	return work()
}

// shut gives up every call and closes every client. It waits for the calls, but not for ever.
func (s *supervisor) shut() error {
	s.end(domain.ErrStoreClosed)
	s.mu.Lock()
	for l := range s.links {
		s.close(l)
	}
	s.mu.Unlock()
	over := make(chan struct{})
	go func() {
		s.running.Wait()
		close(over)
	}()
	timer := time.NewTimer(5 * grace)
	defer timer.Stop()
	select {
	case <-over:
		return nil
	case <-timer.C:
		return errors.New("close: calls of the client have not come back")
	}
}
