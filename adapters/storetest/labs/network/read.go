package network

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// filled is how many events are read: some hundred kilobytes, so that a connection can end during a read.
const filled = 300

// reads runs readers through the proxy on events that were written directly. A read may end with an error of the port
// and must be right up to there. A read without an error must be complete.
func (x *trial) reads() error {
	w := x.writer(x.direct, "full", false)
	for w.end < filled-1 {
		if _, err := w.step(); err != nil {
			return err
		}
	}
	all, err := x.log()
	if err != nil {
		return err
	}
	want := idsOf(slices.Values(all))
	if err := x.catchUp(x.store, w.last); err != nil {
		return err
	}
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	return x.under(
		x.reader("forwards", func(ctx context.Context) (iter.Seq2[domain.Entry, error], []uuid.UUID) {
			from := rand.IntN(filled)
			return x.store.ReadStream(ctx, w.stream, domain.Revision(from)), want[from:]
		}),
		x.reader("backwards", func(ctx context.Context) (iter.Seq2[domain.Entry, error], []uuid.UUID) {
			return x.store.ReadStreamBackwards(ctx, w.stream), backwards
		}),
		x.reader("the log", func(ctx context.Context) (iter.Seq2[domain.Entry, error], []uuid.UUID) {
			after, from := x.start, rand.IntN(filled)
			if from > 0 {
				after = all[from-1].Position
			}
			return x.store.ReadAll(ctx, after, x.filter()), want[from:]
		}),
		steps(func() (bool, error) {
			var head domain.Position
			err := x.call(func(ctx context.Context) (err error) { head, err = x.store.Head(ctx); return err })
			switch {
			case err == nil && head.Before(w.last):
				return false, fmt.Errorf("the head is %v, but the log has an event at %v", head, w.last)
			case err != nil && !temporary(err):
				return false, fmt.Errorf("head: %w, which is not an error of the port", err)
			}
			return err == nil, nil
		}),
	)
}

// catchUp waits until a store has the log up to a position that another store has appended. The port allows a delay
// there.
func (x *trial) catchUp(store domain.EventStore, position domain.Position) error {
	f := &follower{trial: x, what: "a store that did not append", store: store, filter: x.filter(), last: x.start}
	return f.until(position)
}

// reader returns a worker that reads again and again.
func (x *trial) reader(
	what string, begin func(context.Context) (entries iter.Seq2[domain.Entry, error], want []uuid.UUID),
) worker {
	return steps(func() (bool, error) {
		var wrong error
		err := x.call(func(ctx context.Context) error {
			entries, want := begin(ctx)
			n := 0
			for entry, err := range entries {
				if err != nil {
					return err
				}
				if wrong = intact(entry); wrong != nil {
					return nil
				}
				if n == len(want) || entry.ID != want[n] {
					wrong = fmt.Errorf("read %s: event %d of %d is %s", what, n, len(want), entry.ID)
					return nil
				}
				n++
			}
			if n != len(want) {
				wrong = fmt.Errorf("read %s: it ended after %d of %d events without an error", what, n, len(want))
			}
			return nil
		})
		if err != nil && !temporary(err) {
			wrong = fmt.Errorf("read %s: %w, which is not an error of the port", what, err)
		}
		return err == nil, wrong
	})
}

func idsOf(entries iter.Seq[domain.Entry]) []uuid.UUID {
	var all []uuid.UUID
	for entry := range entries {
		all = append(all, entry.ID)
	}
	return all
}
