package kurrentdb

import (
	"context"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/cenkalti/backoff/v5"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of retries.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
	maxAttempt = 10 * time.Second // for one attempt; Options.Patience may be shorter
)

// call runs one call of the client and returns its result. It returns at the latest when ctx ends or the timeout has
// passed, even if the client does not.
func call[T any](
	ctx context.Context, s *supervisor, timeout time.Duration, work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	return await(ctx, s, timeout, false, work)
}

// callDetached is call for work that goes on after ctx has ended, until its own deadline.
func callDetached[T any](
	ctx context.Context, s *supervisor, timeout time.Duration, work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	return await(ctx, s, timeout, true, work)
}

func await[T any](
	ctx context.Context, s *supervisor, timeout time.Duration, detached bool,
	work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	var none, value T
	if err := contextErr(ctx); err != nil {
		return none, err
	}
	done, abandon := s.start(ctx, detached, func(ctx context.Context, client *esdb.Client) (err error) {
		value, err = work(ctx, client)
		return err
	})
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = contextErr(ctx)
		abandon(err)
		return none, err
	case <-timer.C:
		abandon(errStuck)
		return none, errStuck
	}
	if err == nil {
		return value, nil
	}
	if ended := contextErr(ctx); ended != nil {
		return none, ended
	}
	if ended := contextErr(s.ctx); ended != nil {
		return none, ended
	}
	return none, err
}

// retrier decides whether and when a request is tried again. Its pauses double from firstPause to lastPause and vary
// by half; it gives up when the store's patience has passed since the last success.
type retrier struct {
	patience time.Duration
	deadline time.Time
	delays   backoff.ExponentialBackOff
}

func (s *Store) newRetrier() *retrier {
	r := &retrier{patience: s.patience, delays: backoff.ExponentialBackOff{
		InitialInterval: firstPause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: lastPause,
	}}
	r.reset()
	return r
}

// reset starts over after a success.
func (r *retrier) reset() {
	r.deadline = time.Now().Add(r.patience)
	r.delays.Reset()
}

// pause waits before the next attempt. It returns an error if there is none: ctx or the store has ended, a retry
// cannot help, or the patience has passed.
func (r *retrier) pause(ctx context.Context, s *supervisor, err error) error {
	if ended := contextErr(ctx); ended != nil {
		return ended
	}
	left := time.Until(r.deadline)
	if !retryable(err) || left <= 0 {
		return explain(err)
	}
	timer := time.NewTimer(min(r.delays.NextBackOff(), left))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextErr(ctx)
	case <-s.ctx.Done():
		return domain.ErrStoreClosed
	}
}

// retry repeats a call until it succeeds, the stream is missing or at another revision, or the retrier gives up.
func retry[T any](
	ctx context.Context, s *Store, work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	for r := s.newRetrier(); ; {
		value, err := call(ctx, s.supervisor, s.attemptTimeout+grace, work)
		if err == nil || classify(err) == noStream || classify(err) == wrongRevision {
			return value, err
		}
		if err := r.pause(ctx, s.supervisor, err); err != nil {
			var none T
			return none, err
		}
	}
}
