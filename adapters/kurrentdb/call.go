package kurrentdb

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/metadata"
)

// start runs work with a client in a new goroutine. The caller must either receive the result from done, or call
// abandon. Work is cancelled when ctx ends or when it is abandoned. Detached work is not: it runs to its own
// deadline, so that fewer outcomes remain unknown.
func (s *supervisor) start(
	ctx context.Context, detached bool, work func(context.Context, *esdb.Client) error,
) (done <-chan error, abandon func(why error)) {
	result := make(chan error, 1)
	c, err := s.acquire()
	if err != nil {
		result <- err
		return result, func(error) {}
	}
	limit := grace // for the return of an abandoned call
	if detached {
		ctx, limit = context.WithoutCancel(ctx), s.maxCallTime()
	}
	// The client fails to send this header (defect c). With it, a node that does not lead refuses the call and names
	// the leader.
	ctx, cancel := context.WithCancelCause(metadata.AppendToOutgoingContext(ctx, "requires-leader", "true"))
	unbind := context.AfterFunc(s.ctx, func() { cancel(context.Cause(s.ctx)) })
	var abandoned, returned atomic.Bool
	go func() {
		err := s.run(ctx, c, work)
		unbind()
		cancel(nil)
		result <- err
		if returned.Store(true); abandoned.CompareAndSwap(true, false) {
			s.abandoned.Add(-1)
		}
		s.release(c)
	}()
	return result, func(why error) {
		if !detached {
			cancel(why)
		}
		s.abandoned.Add(1)
		if abandoned.Store(true); returned.Load() && abandoned.CompareAndSwap(true, false) {
			s.abandoned.Add(-1)
		}
		if errors.Is(why, errStuck) {
			s.retire(c, why)
			return
		}
		time.AfterFunc(limit, func() {
			if !returned.Load() {
				s.retire(c, errStuck)
			}
		})
	}
}

// run waits until the client is ready, and runs work with it.
func (s *supervisor) run(ctx context.Context, c *managedClient, work func(context.Context, *esdb.Client) error) error {
	select {
	case <-c.ready:
	case <-ctx.Done():
		return contextErr(ctx)
	}
	if c.err != nil {
		return c.err
	}
	err := s.catchPanic(c, func() error { return work(ctx, c.client) })
	if breaksClient(ctx, err) {
		s.retire(c, err)
	}
	return err
}

// breaksClient reports whether an error means that the client is unusable, and not only that the caller cancelled.
func breaksClient(ctx context.Context, err error) bool {
	if err == nil || classify(err) != clientBroken {
		return false
	}
	var known *esdb.Error
	lost := errors.As(err, &known) &&
		(known.IsErrorCode(esdb.ErrorUnavailable) || known.IsErrorCode(esdb.ErrorCodeConnectionClosed))
	return lost || contextErr(ctx) == nil
}

// catchPanic turns a panic into an error. Closing the client makes the calls that are blocked in it panic; those get
// errReplaced.
func (s *supervisor) catchPanic(c *managedClient, work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if err = error(&panicError{p}); s.isClosed(c) {
				err = errReplaced
			}
		}
	}()
	return work()
}
