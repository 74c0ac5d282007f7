package kurrentdb

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/metadata"
)

// launch runs work with a client in a goroutine of its own. What became of it comes through done; leave gives it up.
// One of the two must be used to the end. The context's end gives it up too; a detached call is seen through to its
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
		ctx, back = context.WithoutCancel(ctx), s.longest()
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
