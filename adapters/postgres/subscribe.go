package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// pollEvery is how often a subscription polls the log without a notification. It is the longest delay that a lost
// notification causes.
const pollEvery = time.Second

// Subscribe implements domain.Subscriber. Catching up and following are the same: both read pages of the log up to a
// head that was read before, and wait only if nothing is left. After Close it returns domain.ErrStoreClosed.
func (s *Store) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	s.listen()
	f := &follower{store: s, seen: after, filter: filter, page: page{limit: domain.MaxBatch}}
	for ctx.Err() == nil {
		var batch []domain.Entry
		err := s.turn(ctx, func(ctx context.Context) (err error) {
			batch, err = f.next(ctx)
			return err
		})
		if err != nil {
			err = fmt.Errorf("subscribe: %w", err)
		} else if len(batch) > 0 {
			err = handle(ctx, batch)
		}
		if err != nil {
			if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
	return nil
}

// follower is the state of a subscription.
type follower struct {
	store  *Store
	seen   domain.Position
	end    domain.Position // the head when it was last read
	filter domain.Filter
	page   page
}

// next reads the next batch, or waits. It may return an empty batch.
func (f *follower) next(ctx context.Context) (_ []domain.Entry, err error) {
	if !f.seen.Before(f.end) {
		if err := f.await(ctx); err != nil {
			return nil, err
		}
	}
	f.page.entries = nil // the handler owns the previous ones
	f.page.limit = min(f.page.limit, domain.MaxBatch)
	f.seen, err = f.store.readRange(ctx, &f.page, f.seen, f.end, f.filter)
	return f.page.entries, err
}

// await returns when there is something to read. If an older transaction holds up committed events it polls often.
// Otherwise it waits until this process or another appends.
func (f *follower) await(ctx context.Context) error {
	wait, delayed := pauses(firstLook, longestLook), false
	defer func() {
		if delayed {
			f.store.delays.end()
		}
	}()
	for {
		grown := f.store.grown.Next()
		now, err := f.store.look(ctx)
		if err != nil {
			return err
		}
		f.end = now.head
		switch {
		case f.seen.Before(f.end):
			return nil
		case now.held:
			if !delayed {
				delayed = true
				f.store.delays.begin()
			}
			f.store.delayed(ctx, now.xmin)
			err = pause(ctx, wait.NextBackOff())
		default:
			err = f.idle(ctx, grown)
		}
		if err != nil {
			return err
		}
	}
}

func (f *follower) idle(ctx context.Context, grown <-chan struct{}) error {
	poll := time.NewTimer(pollEvery)
	defer poll.Stop()
	select {
	case <-grown:
	case <-poll.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
