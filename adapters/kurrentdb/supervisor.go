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

// grace is how long a call that was cancelled may take to return.
const grace = time.Second

// supervisor owns the client and replaces it when it breaks.
//
// The client keeps its connection in one goroutine that serves all calls. That goroutine ends for good when it finds
// no node, and a call that talks to it at that moment never returns, even after its context has ended (defects a
// and b). So each call runs in its own goroutine, and its caller leaves when its time is up. Closing a broken client
// unblocks the calls inside it by a panic, which catchPanic recovers.
type supervisor struct {
	config  esdb.Configuration
	log     *slog.Logger
	ctx     context.Context // ends with closeAll
	end     context.CancelCauseFunc
	running sync.WaitGroup // goroutines that run calls

	mu      sync.Mutex
	current *managedClient // nil if the next call must create one
	clients map[*managedClient]bool

	abandoned atomic.Int64 // calls that have no caller any more and have not returned
	created   atomic.Int64 // clients so far
}

// managedClient is one client and the number of its calls. Until it is ready only one call may use it: if there is no
// node, that call returns and any others would block.
type managedClient struct {
	client *esdb.Client
	ready  chan struct{} // closed when the client is connected, or err says why it is not
	err    error

	calls           int // these are guarded by the supervisor's mutex
	retired, closed bool
}

func newSupervisor(config *esdb.Configuration, log *slog.Logger) *supervisor {
	s := &supervisor{config: *config, log: log, clients: map[*managedClient]bool{}}
	s.config.Logger = s.logClient
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// logClient is the client's logger. Without one the client writes to standard output.
func (s *supervisor) logClient(level esdb.LogLevel, format string, args ...any) {
	to := slog.LevelDebug
	if level == esdb.LogError || level == esdb.LogWarn {
		to = slog.LevelWarn
	}
	if s.log.Enabled(s.ctx, to) {
		s.log.Log(s.ctx, to, "kurrentdb client", "message", fmt.Sprintf(format, args...))
	}
}

// acquire returns the current client, or creates one. Each acquire needs one release.
func (s *supervisor) acquire() (*managedClient, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := contextErr(s.ctx); err != nil {
		return nil, err
	}
	if s.current == nil {
		client, err := esdb.NewClient(&s.config)
		if err != nil {
			return nil, err
		}
		s.current = &managedClient{client: client, ready: make(chan struct{}), calls: 1}
		s.clients[s.current] = true
		s.created.Add(1)
		s.running.Add(1)
		go s.connect(s.current)
	}
	s.current.calls++
	s.running.Add(1)
	return s.current, nil
}

// connect makes the client connect to a node.
func (s *supervisor) connect(c *managedClient) {
	defer s.release(c)
	c.err = s.catchPanic(c, func() error {
		_, err := c.client.GetServerVersion()
		return err
	})
	if c.err != nil {
		s.retire(c, c.err)
	}
	close(c.ready)
}

// release ends a call. The last call of a retired client closes it.
func (s *supervisor) release(c *managedClient) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.calls--
	if c.retired && c.calls == 0 {
		s.close(c)
	}
	s.running.Done()
}

// retire stops giving a client to new calls. It closes the client when its running calls have returned, or after the
// longest time a call may take.
func (s *supervisor) retire(c *managedClient, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.retired {
		return
	}
	c.retired = true
	if s.current == c {
		s.current = nil
	}
	s.log.Info("kurrentdb: the next call makes a new connection", "error", why)
	if c.calls == 0 || isDead(why) {
		s.close(c)
		return
	}
	time.AfterFunc(s.maxCallTime(), func() { // calls that have not returned by then are blocked
		s.mu.Lock()
		defer s.mu.Unlock()
		s.close(c)
	})
}

// maxCallTime is how long a call may take unless it is blocked.
func (s *supervisor) maxCallTime() time.Duration {
	if deadline := s.config.DefaultDeadline; deadline != nil {
		return *deadline + grace
	}
	return maxAttempt + grace
}

// isDead reports whether the client's goroutine has ended. Closing such a client harms no call and unblocks the rest.
func isDead(why error) bool {
	var known *esdb.Error
	return errors.As(why, &known) && (known.IsErrorCode(esdb.ErrorCodeConnectionClosed) ||
		strings.Contains(known.Error(), "maximum discovery attempt count reached"))
}

// close closes a client once. The caller must hold the mutex.
func (s *supervisor) close(c *managedClient) {
	if !c.closed {
		c.closed = true
		delete(s.clients, c)
		_ = c.client.Close() // always returns nil
	}
}

func (s *supervisor) isClosed(c *managedClient) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.closed
}

// closeAll cancels every call, waits for them to return, and closes every client. Closing a client also unblocks the
// calls that are stuck in it.
func (s *supervisor) closeAll() error {
	s.end(domain.ErrStoreClosed)
	returned := make(chan struct{})
	go func() {
		s.running.Wait()
		close(returned)
	}()
	inTime := waitUpTo(grace, returned)
	s.mu.Lock()
	for c := range s.clients {
		s.close(c)
	}
	s.mu.Unlock()
	if !inTime && !waitUpTo(5*grace, returned) {
		return errors.New("close: calls of the client have not returned")
	}
	return nil
}

// waitUpTo waits for done to be closed. It reports false after the limit.
func waitUpTo(limit time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
