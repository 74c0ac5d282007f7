package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

// seam starts subscriptions at many moments while many writers append, and follows to the end.
func seam(t *testing.T, store domain.EventStore) {
	const writers, rounds, subscribers = 6, 150, 10
	followed := make([][]row, subscribers)
	starts := make([]domain.Position, subscribers)
	var total atomic.Int64
	finished, finish := context.WithCancel(t.Context())
	var writing, following sync.WaitGroup
	for i := range subscribers {
		following.Go(func() {
			if i%2 == 1 { // half of them begin at the head, half at the start of the log
				starts[i], _ = store.Head(t.Context())
			}
			followed[i] = followUntil(t, finished, store, starts[i])
		})
	}
	for w := range writers {
		writing.Go(func() {
			for i := range rounds {
				n := 1 + (w+i)%4
				stream := domain.Stream(fmt.Sprintf("client-%d-%d", w, i))
				mustAppend(t, store, stream, domain.NoStream, events("A", n))
				total.Add(int64(n))
				if i%25 == 0 {
					start, _ := store.Head(t.Context())
					following.Go(func() { checkTail(t, finished, store, start) })
				}
			}
		})
	}
	writing.Wait()
	finish()
	following.Wait()
	all := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	same(t, "events", int64(len(all)), total.Load())
	for i, got := range followed {
		same(t, fmt.Sprintf("subscription %d", i), got, rows(t, store.ReadAll(t.Context(), starts[i], domain.Filter{})))
	}
}

func checkTail(t *testing.T, finished context.Context, store domain.EventStore, start domain.Position) {
	got := followUntil(t, finished, store, start)
	same(t, "a subscription that began during the appends", got, rows(t, store.ReadAll(t.Context(), start, domain.Filter{})))
}

// followUntil collects everything after a position, up to the head at the time when finished ends.
func followUntil(t *testing.T, finished context.Context, store domain.EventStore, after domain.Position) []row {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	var got []row
	last := after
	var end *domain.Position
	stopAtEnd := func() {
		if end != nil && !last.Before(*end) {
			cancel()
		}
	}
	defer context.AfterFunc(finished, func() {
		head, err := store.Head(t.Context())
		if err != nil {
			t.Errorf("head: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		end = &head
		stopAtEnd()
	})()
	err := store.Subscribe(ctx, after, domain.Filter{}, func(_ context.Context, batch []domain.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		if len(batch) == 0 || len(batch) > domain.MaxBatch {
			t.Errorf("a batch of %d entries", len(batch))
		}
		for _, entry := range batch {
			got = append(got, rowOf(entry))
			last = entry.Position
		}
		stopAtEnd()
		return nil
	})
	if err != nil {
		t.Errorf("subscribe: %v, want nil after the context ended", err)
	}
	return got
}

func subscriptionEnds(t *testing.T, store domain.EventStore) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(context.Context, []domain.Entry) error { return errors.New("must not be called") }
	if err := store.Subscribe(ended, domain.Position{}, domain.Filter{}, never); err != nil {
		t.Errorf("with an ended context: %v, want nil", err)
	}
	waiting, stop := context.WithCancel(t.Context())
	done := make(chan error)
	seen := make(chan int)
	go func() {
		done <- store.Subscribe(waiting, domain.Position{}, domain.Filter{Types: []string{"B"}},
			func(_ context.Context, batch []domain.Entry) error {
				seen <- len(batch)
				return nil
			})
	}()
	mustAppend(t, store, "client-1", domain.NoStream, events("A", 2))
	mustAppend(t, store, "client-1", 1, events("B", 3))
	for n := 0; n < 3; {
		n += <-seen
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("context ended while it waited: %v, want nil", err)
	}
	broken := errors.New("broken")
	err := store.Subscribe(t.Context(), domain.Position{}, domain.Filter{},
		func(context.Context, []domain.Entry) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("handler failed: %v, want its error", err)
	}
	within, stop := context.WithCancel(t.Context())
	err = store.Subscribe(within, domain.Position{}, domain.Filter{}, func(ctx context.Context, _ []domain.Entry) error {
		stop()
		return ctx.Err()
	})
	if err != nil {
		t.Errorf("handler returned the error of the ended context: %v, want nil", err)
	}
}

func resume(t *testing.T, store domain.EventStore) {
	for i := range 40 {
		mustAppend(t, store, domain.Stream(fmt.Sprintf("client-%d", i)), domain.NoStream, events("A", 1+i%3))
	}
	all := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	var got []row
	for i, after := 0, (domain.Position{}); len(got) < len(all); i++ {
		part := follow(t, store, after, domain.Filter{}, 1)[:1] // a crash after the first of the batch
		got = append(got, part...)
		after = part[0].Position
	}
	same(t, "resumed after every event", got, all)
}

func slowHandler(t *testing.T, store domain.EventStore) {
	mustAppend(t, store, "client-1", domain.NoStream, events("A", 100))
	n, appended := 0, 100
	err := store.Subscribe(t.Context(), domain.Position{}, domain.Filter{},
		func(_ context.Context, batch []domain.Entry) error {
			if len(batch) == 0 || len(batch) > domain.MaxBatch {
				t.Errorf("a batch of %d entries", len(batch))
			}
			for appended < 5*domain.MaxBatch { // append much while one batch is handled
				mustAppend(t, store, "client-1", domain.Revision(appended-1), events("A", 200))
				appended += 200
			}
			if n += len(batch); n == appended {
				return errEnough
			}
			return nil
		})
	if !errors.Is(err, errEnough) || n != appended {
		t.Errorf("%d of %d events, then %v", n, appended, err)
	}
}
