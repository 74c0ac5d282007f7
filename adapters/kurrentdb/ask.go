package kurrentdb

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of asking again.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
	attempt    = 10 * time.Second // for one try, less when the patience is less
)

// ask runs one call and answers what it gave. It returns when ctx ends or the time for one try is up, whether the
// client does or not.
func ask[T any](
	ctx context.Context, s *supervisor, limit time.Duration, work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	return askFor(ctx, s, limit, false, work)
}

func askFor[T any](
	ctx context.Context, s *supervisor, limit time.Duration, detached bool,
	work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	var none, value T
	if err := ended(ctx); err != nil {
		return none, err
	}
	done, leave := s.launch(ctx, detached, func(ctx context.Context, client *esdb.Client) (err error) {
		value, err = work(ctx, client)
		return err
	})
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ended(ctx)
		leave(err)
		return none, err
	case <-timer.C:
		leave(errStuck)
		return none, errStuck
	}
	if err == nil {
		return value, nil
	}
	if over := ended(ctx); over != nil {
		return none, over
	}
	if over := ended(s.ctx); over != nil {
		return none, over
	}
	return none, err
}

// patience is how long one request of ours asks again, with growing pauses.
type patience struct {
	limit time.Duration
	until time.Time
	next  time.Duration
}

func (s *Store) patience() *patience {
	p := &patience{limit: s.limit}
	p.renew()
	return p
}

// renew is for who gets on: patience counts from the last success.
func (p *patience) renew() { p.until, p.next = time.Now().Add(p.limit), firstPause }

// pause waits before the next try, or says why there is none: ctx ended, the error is final, patience is at its end.
func (p *patience) pause(ctx context.Context, s *supervisor, err error) error {
	if over := ended(ctx); over != nil {
		return over
	}
	if !mayPass(err) {
		return explain(err)
	}
	if time.Until(p.until) <= 0 {
		return explain(err)
	}
	timer := time.NewTimer(min(p.next/2+rand.N(p.next), time.Until(p.until)))
	defer timer.Stop()
	p.next = min(2*p.next, lastPause)
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	case <-s.ctx.Done():
		return domain.ErrStoreClosed
	}
}

// persist asks until there is an answer that time does not change.
func persist[T any](
	ctx context.Context, s *Store, work func(context.Context, *esdb.Client) (T, error),
) (T, error) {
	for p := s.patience(); ; {
		value, err := ask(ctx, s.supervisor, s.attempt+grace, work)
		if err == nil || judge(err) == missing || judge(err) == wrong {
			return value, err
		}
		if err := p.pause(ctx, s.supervisor, err); err != nil {
			var none T
			return none, err
		}
	}
}
