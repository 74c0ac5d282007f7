package storetest

import (
	"fmt"
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

func (s *suite) reopening(t *testing.T) {
	if s.reopen == nil {
		t.Skip("this store is not durable")
	}
	store := s.open(t)
	first := events("A", 3)
	place := mustAppend(t, store, "client-1", domain.NoStream, first)
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
	}
}
