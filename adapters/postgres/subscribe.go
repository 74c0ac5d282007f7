package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// pollEvery is how long a subscription waits at most before it looks by itself: as long as a lost notification delays
// what another process has appended.
const pollEvery = time.Second

// Subscribe implements domain.Subscriber. There is no seam between catching up and following: both read pages of the
// log up to a head that was taken before, and wait only when there is none left. After Close it ends with
// domain.ErrStoreClosed.
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

// follower is a subscription's place.
type follower struct {
	store  *Store
	seen   domain.Position
	end    domain.Position // the head when it was last looked at
	filter domain.Filter
	page   page
}

// next reads the next batch, or waits. It may come back with nothing.
func (f *follower) next(ctx context.Context) (_ []domain.Entry, err error) {
	if !f.seen.Before(f.end) {
		if err := f.await(ctx); err != nil {
			return nil, err
		}
	}
	f.page.entries = nil // the last ones belong to the handler
	f.page.limit = min(f.page.limit, domain.MaxBatch)
	f.seen, err = f.store.stretch(ctx, &f.page, f.seen, f.end, f.filter)
	return f.page.entries, err
}

// await returns when there is something to read. What is committed but held up by an older transaction is looked for
// often; else the log has to grow first, here or by another process.
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
