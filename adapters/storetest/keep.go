package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func snapshots(t *testing.T, store domain.EventStore) {
	cache, ok := store.(domain.Snapshots)
	if !ok {
		t.Skip("this store keeps no snapshots")
	}
	load := func(stream domain.Stream, version int) string {
		t.Helper()
		revision, state, err := cache.LoadSnapshot(t.Context(), stream, version)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d %s", revision, state)
	}
	save := func(stream domain.Stream, version int, revision domain.Revision, state string) {
		t.Helper()
		if err := cache.SaveSnapshot(t.Context(), stream, version, revision, []byte(state)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "absent", load("credits-1", 1), "-1 ")
	save("credits-1", 1, 41, "forty-one")
	save("credits-2", 3, 7, "")
	same(t, "saved", load("credits-1", 1), "41 forty-one")
	same(t, "without bytes", load("credits-2", 3), "7 ")
	same(t, "another version", load("credits-1", 2), "-1 ")
	save("credits-1", 1, 83, "eighty-three")
	same(t, "saved again", load("credits-1", 1), "83 eighty-three")
	save("credits-1", 2, 84, "newer")
	same(t, "the newer version", load("credits-1", 2), "84 newer")
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), nil)
}

func marks(t *testing.T, store domain.EventStore) {
	is := func(name, want string) {
		t.Helper()
		got, err := store.Mark(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "mark "+name, got, want)
	}
	set := func(name, before, after string, want error) {
		t.Helper()
		if err := store.SetMark(t.Context(), name, before, after); !errors.Is(err, want) {
			t.Errorf("from %q to %q: %v, want %v", before, after, err, want)
		}
	}
	is("log", "")
	set("log", "", "one", nil)
	set("log", "", "one", nil) // a retry
	set("log", "", "two", domain.ErrConflict)
	set("log", "two", "", domain.ErrConflict)
	set("copy", "", "from é to 予約", nil)
	is("log", "one")
	set("log", "one", "two", nil)
	set("copy", "from é to 予約", "", nil)
	set("copy", "", strings.Repeat("x", domain.MaxMark), nil)
	is("log", "two")
	is("other", "")
	for name, values := range map[string][2]string{
		"Not short": {"", "a"}, "": {"", "a"}, "long": {"", strings.Repeat("x", domain.MaxMark+1)},
		"zero": {"", "a\x00b"}, "bytes": {"\xff", ""},
	} {
		if err := store.SetMark(t.Context(), name, values[0], values[1]); err == nil || errors.Is(err, domain.ErrConflict) {
			t.Errorf("mark %q from %.20q to %.20q: %v, want a fault", name, values[0], values[1], err)
		}
	}
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), nil)

	var group sync.WaitGroup
	won := make(chan string, 8)
	for i := range cap(won) {
		group.Go(func() {
			mine := fmt.Sprintf("of %d", i)
			switch err := store.SetMark(t.Context(), "contested", "", mine); {
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
	is("contested", <-won)
}

func (s *suite) reopening(t *testing.T) {
	if s.reopen == nil {
		t.Skip("this store is not durable")
	}
	store := s.open(t)
	first := events("A", 3)
	place := mustAppend(t, store, "client-1", domain.NoStream, first)
	if err := store.SetMark(t.Context(), "log", "", "mine"); err != nil {
		t.Fatal(err)
	}
	for round := range 5 {
		stream, kind := domain.Stream(fmt.Sprintf("client-é-%d", round)), fmt.Sprintf("T%d", round)
		mustAppend(t, store, stream, domain.NoStream, events(kind, 2))
		before := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
		head, _ := store.Head(t.Context())
		store = s.reopen(t, store)
		same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), before)
		after, err := store.Head(t.Context())
		if err != nil || after != head {
			t.Errorf("head %v, %v; it was %v", after, err, head)
		}
		same(t, "a retry", mustAppend(t, store, "client-1", domain.NoStream, first), place)
		kept, err := store.Mark(t.Context(), "log")
		if err != nil || kept != "mine" {
			t.Errorf("mark %q, %v; it was %q", kept, err, "mine")
		}
	}
}
