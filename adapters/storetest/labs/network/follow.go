package network

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// errReached ends a subscription that has reached its goal.
var errReached = errors.New("reached")

// follower follows the log, and continues where it was when a subscription ends.
type follower struct {
	trial  *trial
	what   string
	store  domain.EventStore
	filter domain.Filter
	last   domain.Position
	got    []domain.Entry
}

// follows runs followers through the proxy while writers append directly.
func (x *trial) follows() error {
	one, two := x.writer(x.direct, "one", false), x.writer(x.direct, "two", false)
	followers := []*follower{
		{trial: x, what: "a follower of some streams", store: x.store, filter: x.filter(), last: x.start},
		{trial: x, what: "a follower of everything", store: x.store, last: x.start},
	}
	if err := x.under(x.slow(one), x.slow(two), followers[0].follow, followers[1].follow); err != nil {
		return err
	}
	end := one.last
	if end.Before(two.last) {
		end = two.last
	}
	for _, f := range followers {
		if err := f.until(end); err != nil {
			return err
		}
		if err := f.examine(); err != nil {
			return err
		}
	}
	return x.examine([]*writer{one, two})
}

// slow is a writer that leaves followers time to follow.
func (x *trial) slow(w *writer) worker {
	return func(ctx context.Context, moved func()) error {
		return steps(func() (bool, error) {
			pause(ctx, x.dose/60)
			return w.step()
		})(ctx, moved)
	}
}

// follow is a worker.
func (f *follower) follow(ctx context.Context, moved func()) error {
	for ctx.Err() == nil {
		err := f.store.Subscribe(ctx, f.last, f.filter, func(_ context.Context, batch []domain.Entry) error {
			f.take(batch)
			moved()
			return nil
		})
		switch {
		case err == nil && ctx.Err() == nil:
			return fmt.Errorf("%s: the subscription ended without an error", f.what)
		case err == nil:
			f.trial.fine.Add(1)
		case !temporary(err):
			return fmt.Errorf("%s: %w, which is not an error of the port", f.what, err)
		default:
			f.trial.failed.Add(1)
			pause(ctx, f.trial.dose/30) // do not reconnect in a tight loop
		}
	}
	return nil
}

func (f *follower) take(batch []domain.Entry) {
	f.got = append(f.got, batch...)
	f.last = batch[len(batch)-1].Position
}

// until follows up to a position.
func (f *follower) until(end domain.Position) error {
	ctx, cancel := context.WithTimeout(context.Background(), f.trial.recovery)
	defer cancel()
	for f.last.Before(end) {
		err := f.store.Subscribe(ctx, f.last, f.filter, func(_ context.Context, batch []domain.Entry) error {
			if f.take(batch); !f.last.Before(end) {
				return errReached
			}
			return nil
		})
		if !errors.Is(err, errReached) && (ctx.Err() != nil || !temporary(err)) {
			return fmt.Errorf("%s is at %v and does not reach %v: %w", f.what, f.last, end, err)
		}
	}
	return nil
}

// examine compares what the follower got with the log, read directly.
func (f *follower) examine() error {
	ctx, cancel := context.WithTimeout(context.Background(), f.trial.recovery)
	defer cancel()
	n := 0
	for entry, err := range f.trial.direct.ReadAll(ctx, f.trial.start, f.filter) {
		if err != nil {
			return fmt.Errorf("read directly: %w", err)
		}
		if f.last.Before(entry.Position) {
			break
		}
		if n == len(f.got) || !equal(f.got[n], entry) {
			return fmt.Errorf("%s: event %d of the log is %s at %v; it got %s",
				f.what, n, entry.ID, entry.Position, placeOf(f.got, n))
		}
		n++
	}
	if n != len(f.got) {
		return fmt.Errorf("%s: it got %d events, the log has %d; its next one was %s",
			f.what, len(f.got), n, placeOf(f.got, n))
	}
	return nil
}

func equal(a, b domain.Entry) bool {
	return a.ID == b.ID && a.Position == b.Position && a.Stream == b.Stream && a.Revision == b.Revision &&
		a.Type == b.Type && slices.Equal(a.Data, b.Data) && slices.Equal(a.Meta, b.Meta)
}

func placeOf(got []domain.Entry, n int) string {
	if n >= len(got) {
		return "no more"
	}
	return fmt.Sprintf("%s at %v", got[n].ID, got[n].Position)
}
