package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

// closer is a store that can be closed. The test closes it again at its end, which must do no harm.
type closer interface{ Close() error }

// closed calls every method of a closed store.
func closed(t *testing.T, store domain.EventStore) {
	closing, ok := store.(closer)
	if !ok {
		t.Skip("this store has no Close")
	}
	first := events("A", 3)
	mustAppend(t, store, "client-1", domain.NoStream, first)
	for range 2 {
		if err := closing.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	calls := map[string]func() error{
		"append": func() error {
			_, err := store.Append(t.Context(), "client-1", 2, events("B", 1))
			return err
		},
		"append again": func() error {
			_, err := store.Append(t.Context(), "client-1", domain.NoStream, first)
			return err
		},
		"read":           func() error { return end(store.ReadStream(t.Context(), "client-1", 0)) },
		"read nothing":   func() error { return end(store.ReadStream(t.Context(), "client-2", 0)) },
		"read backwards": func() error { return end(store.ReadStreamBackwards(t.Context(), "client-1")) },
		"read the log": func() error {
			return end(store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
		},
		"head": func() error { _, err := store.Head(t.Context()); return err },
		"subscribe": func() error {
			return store.Subscribe(t.Context(), domain.Position{}, domain.Filter{},
				func(context.Context, []domain.Entry) error { return errors.New("got a batch from a closed store") })
		},
		"mark":     func() error { _, err := store.Mark(t.Context(), "log"); return err },
		"set mark": func() error { return store.SetMark(t.Context(), "log", "", "mine") },
	}
	if cache, ok := store.(domain.Snapshots); ok {
		calls["save a snapshot"] = func() error { return cache.SaveSnapshot(t.Context(), "client-1", 1, 2, nil) }
		calls["load a snapshot"] = func() error {
			_, _, err := cache.LoadSnapshot(t.Context(), "client-1", 1)
			return err
		}
	}
	for what, call := range calls {
		if err := call(); !errors.Is(err, domain.ErrStoreClosed) {
			t.Errorf("%s: %v, want %v", what, err, domain.ErrStoreClosed)
		}
	}
}

// end reads to the end and returns the error there.
func end(entries iter.Seq2[domain.Entry, error]) (last error) {
	for _, err := range entries {
		last = err
	}
	return last
}

// CloseUnderLoad closes a store under load. What the close ends must return domain.ErrStoreClosed, and nothing else
// may fail. It returns how many events the store has acknowledged, for a caller that opens the store again.
func CloseUnderLoad(t *testing.T, store domain.EventStore) (acknowledged int) {
	t.Helper()
	closing, ok := store.(closer)
	if !ok {
		t.Skip("this store has no Close")
	}
	const full = 2000
	mustAppend(t, store, "full-1", domain.NoStream, events("A", full))
	var group sync.WaitGroup
	var appended atomic.Int64
	under := make(chan struct{}, 64)
	busy := func() {
		select {
		case under <- struct{}{}:
		default:
		}
	}
	expect := func(what string, err error) {
		if !errors.Is(err, domain.ErrStoreClosed) {
			t.Errorf("%s: %v, want %v", what, err, domain.ErrStoreClosed)
		}
	}
	for i := range 32 {
		group.Go(func() {
			stream, expected := domain.Stream(fmt.Sprintf("client-%d", i)), domain.NoStream
			for {
				busy()
				if _, err := store.Append(t.Context(), stream, expected, events("A", 2)); err != nil {
					expect("append", err)
					return
				}
				appended.Add(2)
				expected += 2
			}
		})
	}
	for i := range 4 {
		group.Go(func() {
			expect("subscribe", store.Subscribe(t.Context(), domain.Position{}, domain.Filter{Types: []string{"A", "B"}[i%2 : i%2+1]},
				func(context.Context, []domain.Entry) error { busy(); return nil }))
		})
		group.Go(func() {
			var err error
			for err == nil {
				n := 0
				for _, failed := range store.ReadStream(t.Context(), "full-1", 0) {
					if err = failed; err == nil {
						n++
					}
				}
				if busy(); err == nil && n != full {
					t.Errorf("a read ended after %d of %d events without an error", n, full)
				}
			}
			expect("read", err)
		})
	}
	for range 200 {
		<-under
	}
	if err := closing.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	group.Wait()
	return full + int(appended.Load())
}
