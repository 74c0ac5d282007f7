package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

// Another sets how to open the log of a store again, as another process does, for stores that several processes may
// use.
func Another(another func(t *testing.T, store domain.EventStore) domain.EventStore) Option {
	return func(s *suite) { s.another = another }
}

// handles tests a log that is open twice. A stream is the same for both as soon as an append is acknowledged. The log
// may be a little behind for the one that did not append, but has the same order.
func (s *suite) handles(t *testing.T) {
	if s.another == nil {
		t.Skip("this store can be opened only once")
	}
	for _, test := range []struct {
		name string
		run  func(t *testing.T, one, two domain.EventStore)
	}{
		{"one of many writers wins", func(t *testing.T, one, two domain.EventStore) {
			oneWins(t, &turns{EventStore: one, other: two})
		}},
		{"both read and may retry the same appends", sharedStream},
		{"a subscription sees the appends of both", sharedLog},
		{"marks are the same for both", sharedMarks},
	} {
		t.Run(test.name, func(t *testing.T) {
			one := s.open(t)
			test.run(t, one, s.another(t, one))
		})
	}
}

// turns lets two stores append in turn.
type turns struct {
	domain.EventStore
	other domain.EventStore
	mu    sync.Mutex
	n     int
}

func (s *turns) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	s.mu.Lock()
	s.n++
	second := s.n%2 == 0
	s.mu.Unlock()
	if second {
		return s.other.Append(ctx, stream, expected, events)
	}
	return s.EventStore.Append(ctx, stream, expected, events)
}

func sharedStream(t *testing.T, one, two domain.EventStore) {
	for round := range domain.Revision(20) {
		request := events(fmt.Sprintf("T%d", round), 2) // a type that the other store has not seen
		place := mustAppend(t, one, "client-1", 2*round-1, request)
		got := rows(t, two.ReadStream(t.Context(), "client-1", 2*round))
		same(t, "read by the other", got, wanted("client-1", 2*round, request, got))
		same(t, "appended again by the other", mustAppend(t, two, "client-1", 2*round-1, request), place)
		for entry, err := range two.ReadStreamBackwards(t.Context(), "client-1") {
			if err != nil || entry.Revision != 2*round+1 || entry.Position != place.Position {
				t.Errorf("the last one backwards is %d at %v, %v; want %+v", entry.Revision, entry.Position, err, place)
			}
			break
		}
		if _, err := two.Append(t.Context(), "client-1", 2*round, events("B", 1)); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("append by the other at an old revision: %v, want a conflict", err)
		}
		one, two = two, one
	}
}

// sharedLog follows the appends of both stores on both, and compares with the log. A position of one store must be
// valid on the other.
func sharedLog(t *testing.T, one, two domain.EventStore) {
	const writers, appends, total = 4, 50, 4 * 50 * 2
	stores := []domain.EventStore{one, two}
	followed := make([][]row, 2)
	var following, writing sync.WaitGroup
	for i, store := range stores {
		following.Go(func() { followed[i] = follow(t, store, domain.Position{}, domain.Filter{}, total) })
	}
	for w := range writers {
		writing.Go(func() {
			for i := range appends {
				stream := domain.Stream(fmt.Sprintf("client-%d-%d", w, i))
				mustAppend(t, stores[(w+i)%2], stream, domain.NoStream, events("A", 2))
			}
		})
	}
	writing.Wait()
	following.Wait()
	same(t, "events followed", len(followed[0]), total)
	same(t, "followed by the other", followed[1], followed[0])
	for i, store := range stores {
		same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), followed[0])
		from := total / 3 * (i + 1)
		after := followed[1-i][from-1].Position
		same(t, "the rest of it", rows(t, store.ReadAll(t.Context(), after, domain.Filter{})), followed[0][from:])
	}
}

func sharedMarks(t *testing.T, one, two domain.EventStore) {
	if err := one.SetMark(t.Context(), "log", "", "mine"); err != nil {
		t.Fatal(err)
	}
	if value, err := two.Mark(t.Context(), "log"); err != nil || value != "mine" {
		t.Errorf("mark %q, %v; the other set it to mine", value, err)
	}
	if err := two.SetMark(t.Context(), "log", "", "yours"); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("set mark: %v, want a conflict", err)
	}
	var group sync.WaitGroup
	won := make(chan string, 8)
	for i := range cap(won) {
		group.Go(func() {
			mine := fmt.Sprintf("of %d", i)
			switch err := []domain.EventStore{one, two}[i%2].SetMark(t.Context(), "contested", "", mine); {
			case err == nil:
				won <- mine
			case !errors.Is(err, domain.ErrConflict):
				t.Errorf("mark: %v, want a conflict", err)
			}
		})
	}
	group.Wait()
	close(won)
	same(t, "winners", len(won), 1)
	value, err := two.Mark(t.Context(), "contested")
	if err != nil || value != <-won {
		t.Errorf("mark %q, %v, is not the value of the winner", value, err)
	}
}
