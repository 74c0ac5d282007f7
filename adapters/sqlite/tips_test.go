package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// TestEndOfStreamIsKnown reads after the last event of a stream that is no longer in the tail, with every reader of the
// file in use.
func TestEndOfStreamIsKnown(t *testing.T) {
	store, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	add := func(stream domain.Stream, n int) {
		t.Helper()
		events := make([]domain.Stored, n)
		for i := range events {
			events[i] = domain.Stored{ID: uuid.New(), Type: "Rang", Data: []byte("{}"), Meta: []byte("{}")}
		}
		if _, err := store.Append(t.Context(), stream, domain.NoStream, events); err != nil {
			t.Fatal(err)
		}
	}
	add("bell-1", 2)
	for _, other := range []domain.Stream{"bell-2", "bell-3", "bell-4"} {
		add(other, tailEvents)
	}
	if _, whole := store.tail.stream("bell-1", 0, store.saved.Load()); whole {
		t.Fatal("the tail still has the stream")
	}
	count := func(from domain.Revision) (n int) {
		t.Helper()
		for _, err := range store.ReadStream(t.Context(), "bell-1", from) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	if n := count(1); n != 1 {
		t.Errorf("there are %d events from revision 1, not 1", n)
	}
	var taken []*reader
	for range cap(store.readers) {
		taken = append(taken, <-store.readers)
	}
	if n := count(2); n != 0 {
		t.Errorf("there are %d events from revision 2, not 0", n)
	}
	for _, r := range taken {
		store.readers <- r
	}
}
