package bus_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/bus"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// rang is an event for the tests.
type rang struct {
	N int `json:"n"`
}

func (rang) EventType() string { return "Rang" }

var types = domain.Types{domain.TypeOf[rang]()}

// bench is a log with events, and checkpoints that outlive a reactor.
type bench struct {
	log    *memory.Store
	codec  *domain.Codec
	saved  map[string]domain.Position
	poison []string
	mu     sync.Mutex
}

func newBench(t *testing.T, n int) *bench {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), types)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{log: memory.New(), codec: codec, saved: make(map[string]domain.Position)}
	for i := range n {
		stored, err := codec.Encode(uuid.New(), rang{i}, domain.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		stream := domain.StreamOf("bell", fmt.Sprint(i%3))
		stored = domain.Entry{Stored: stored, Stream: stream, Revision: domain.Revision(i / 3)}.WithChecksum()
		if _, err := b.log.Append(t.Context(), stream, domain.Revision(i/3-1), []domain.Stored{stored}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bench) LoadCheckpoint(_ context.Context, name string) (domain.Position, error) {
	return b.saved[name], nil
}

func (b *bench) SaveCheckpoint(_ context.Context, name string, position domain.Position) error {
	b.saved[name] = position
	return nil
}

func (b *bench) reactor(
	workers int, react func(context.Context, commands.Origin, domain.Recorded) error,
) *commands.Reactor {
	return &commands.Reactor{
		Name: "bells", Log: b.log, Codec: b.codec, Checkpoints: b, Workers: workers,
		Handlers: []commands.Handler{{Name: "listening", Types: []string{"Rang"}, React: react}},
		Transport: func(handle func(context.Context, domain.Entry) error) (commands.Transport, error) {
			return bus.New(bus.Options{
				Name: "bells", MaxRetries: 2, InitialInterval: time.Microsecond,
				Poison: func(_ context.Context, entry domain.Entry, reason string) error {
					b.mu.Lock()
					defer b.mu.Unlock()
					b.poison = append(b.poison, fmt.Sprintf("%s@%d", entry.Stream, entry.Revision))
					return nil
				},
			}, handle)
		},
	}
}

func TestDeliversEveryEventOnceAndInOrder(t *testing.T) {
	b := newBench(t, 600)
	var got []int
	reactor := b.reactor(1, func(_ context.Context, _ commands.Origin, r domain.Recorded) error {
		got = append(got, r.Event.(rang).N)
		return nil
	})
	done, err := reactor.Step(t.Context())
	if err != nil || done != 600 {
		t.Fatalf("%d events, %v", done, err)
	}
	for i, n := range got {
		if i != n {
			t.Fatalf("event %d was delivered as number %d", n, i)
		}
	}
	if again, err := reactor.Step(t.Context()); err != nil || again != 0 {
		t.Fatalf("a second step delivered %d more, %v", again, err)
	}
}

func TestKeepsTheOrderOfEachStreamWithManyWorkers(t *testing.T) {
	b := newBench(t, 600)
	var mu sync.Mutex
	got := make(map[domain.Stream][]domain.Revision)
	reactor := b.reactor(8, func(_ context.Context, _ commands.Origin, r domain.Recorded) error {
		mu.Lock()
		defer mu.Unlock()
		got[r.Stream] = append(got[r.Stream], r.Revision)
		return nil
	})
	if _, err := reactor.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	for stream, revisions := range got {
		for i, revision := range revisions {
			if int(revision) != i {
				t.Fatalf("%s was delivered in the order %v", stream, revisions)
			}
		}
	}
}

// TestTroubleOfTheDiskIsNotPoison: an event is not the cause of a full disk, and a damaged one must not be skipped.
func TestTroubleOfTheDiskIsNotPoison(t *testing.T) {
	for _, trouble := range []error{syscall.ENOSPC, domain.ErrUnavailable, domain.ErrDamaged} {
		b := newBench(t, 3)
		failing := true
		reactor := b.reactor(1, func(_ context.Context, _ commands.Origin, r domain.Recorded) error {
			if failing && r.Event.(rang).N == 1 {
				return fmt.Errorf("append: %w", trouble)
			}
			return nil
		})
		if _, err := reactor.Step(t.Context()); !errors.Is(err, trouble) || len(b.poison) > 0 {
			t.Errorf("%v: the step returned %v and put aside %v", trouble, err, b.poison)
		}
		failing = false
		if done, err := reactor.Step(t.Context()); err != nil || done != 3 {
			t.Errorf("after %v: %d events, %v", trouble, done, err)
		}
	}
}

func TestRetriesFailuresAndPoisonsWhatKeepsFailing(t *testing.T) {
	b := newBench(t, 9)
	tries := make(map[int]int)
	reactor := b.reactor(1, func(_ context.Context, _ commands.Origin, r domain.Recorded) error {
		n := r.Event.(rang).N
		tries[n]++
		switch {
		case n == 2 && tries[n] < 3:
			return errors.New("not yet")
		case n == 4:
			return errors.New("never")
		case n == 5:
			panic("a bug")
		case n == 6:
			return domain.Refuse(domain.Disallowed, "no", "no")
		}
		return nil
	})
	if done, err := reactor.Step(t.Context()); err != nil || done != 9 {
		t.Fatalf("%d events, %v", done, err)
	}
	want := map[int]int{0: 1, 1: 1, 2: 3, 3: 1, 4: 3, 5: 3, 6: 1, 7: 1, 8: 1} // a refusal is not retried
	if !reflect.DeepEqual(tries, want) {
		t.Errorf("tries were %v, want %v", tries, want)
	}
	if want := []string{"bell-1@1", "bell-2@1", "bell-0@2"}; !reflect.DeepEqual(b.poison, want) {
		t.Errorf("the poison queue has %v, want %v", b.poison, want)
	}
}

func TestRestartContinuesAfterAStop(t *testing.T) {
	b := newBench(t, 600)
	ctx, stop := context.WithCancel(t.Context())
	seen := make(map[int]int)
	_, err := b.reactor(1, func(ctx context.Context, _ commands.Origin, r domain.Recorded) error {
		if r.Event.(rang).N == 300 {
			stop()
			return ctx.Err()
		}
		seen[r.Event.(rang).N]++
		return nil
	}).Step(ctx)
	if err == nil || len(b.poison) > 0 {
		t.Fatalf("a stopped step returned %v and poisoned %v", err, b.poison)
	}
	restarted := b.reactor(1, func(_ context.Context, _ commands.Origin, r domain.Recorded) error {
		seen[r.Event.(rang).N]++
		return nil
	})
	if _, err := restarted.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		if seen[i] == 0 {
			t.Fatalf("event %d was never handled", i)
		}
	}
}

// The event is not the cause. The same reactor continues when the store is available again.
func TestUnavailableStorePoisonsNothing(t *testing.T) {
	b := newBench(t, 9)
	unavailable, seen := true, 0
	reactor := b.reactor(3, func(context.Context, commands.Origin, domain.Recorded) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if unavailable {
			return fmt.Errorf("append: %w", domain.ErrUnavailable)
		}
		seen++
		return nil
	})
	if _, err := reactor.Step(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("the step ended with %v, want %v", err, domain.ErrUnavailable)
	}
	unavailable = false
	if done, err := reactor.Step(t.Context()); err != nil || done != 9 || seen != 9 {
		t.Errorf("afterwards %d events were delivered and %d handled, %v", done, seen, err)
	}
	if len(b.poison) > 0 {
		t.Errorf("the poison queue has %v", b.poison)
	}
}
