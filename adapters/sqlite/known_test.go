package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// TestAbsentStreamsAreKnownAfterManyOfThem opens a log with streams and begins more, until absent ones are recognised.
// Those from before and those begun while the names were read must still be found.
func TestAbsentStreamsAreKnownAfterManyOfThem(t *testing.T) {
	const before, added = 3 * namesAtOnce, 3000
	path := filepath.Join(t.TempDir(), "events.db")
	name := func(n int) domain.Stream { return domain.Stream(fmt.Sprintf("bell-%06d", n)) }
	begin := func(store *Store, from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			_, err := store.Append(t.Context(), name(n), domain.NoStream, []domain.Stored{
				{ID: uuid.New(), Type: "Rang", Data: []byte("{}"), Meta: []byte("{}")},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	open := func() *Store {
		t.Helper()
		store, err := Open(t.Context(), path, Options{SyncOnClose: true, Readers: 1})
		if err != nil {
			t.Fatal(err)
		}
		return store
	}
	store := open()
	if !store.known.Lacks("bell-none") {
		t.Error("an empty log does not know that a stream is absent")
	}
	begin(store, 0, before)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open()
	defer store.Close()
	if store.known.Lacks("bell-none") {
		t.Error("a log that was just opened claims to know all streams")
	}
	reader := <-store.readers // the only one: it is lent for a page at a time, so that streams come between the pages
	for n := before; n < before+added; n += added / 10 {
		begin(store, n, n+added/10)
		store.readers <- reader
		reader = <-store.readers
	}
	store.readers <- reader
	store.filling.Wait()
	if !store.known.Lacks("bell-none") {
		t.Error("after many absent streams they are still unknown")
	}
	for n := range before + added {
		for _, err := range store.ReadStream(t.Context(), name(n), 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if store.known.Lacks(string(name(n))) {
			t.Fatalf("%s is taken for absent", name(n))
		}
	}
}
