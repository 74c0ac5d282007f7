package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

// TestReadsAreTheSameFromMemoryAndFile appends small and huge portions. Every way of reading must return the same
// events, whether they are in the file, in memory, or partly in each, before and after the store is opened again.
func TestReadsAreTheSameFromMemoryAndFile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(t.TempDir(), "events.db")
		options := Options{SyncOnClose: true, Lag: rapid.SampledFrom([]int{0, 1, 7, 1000}).Draw(r, "lag"), CacheMiB: 1}
		store := mustOpen(r, path, options)
		defer func() { _ = store.Close() }()
		var model []domain.Entry
		heads := map[domain.Stream]domain.Revision{}
		for range rapid.IntRange(1, 12).Draw(r, "appends") {
			stream := domain.Stream(fmt.Sprintf("a-%d", rapid.IntRange(0, 3).Draw(r, "stream")))
			events := portion(r)
			expected, known := heads[stream]
			if !known {
				expected = domain.NoStream
			}
			appended, err := store.Append(t.Context(), stream, expected, events)
			if err != nil {
				r.Fatal(err)
			}
			heads[stream] = appended.Revision
			for i, event := range events {
				model = append(model, domain.Entry{
					Position: position(uint64(len(model) + 1)), Stream: stream,
					Revision: expected + domain.Revision(i) + 1, Stored: event,
				})
			}
			agree(r, store, model)
			if rapid.IntRange(0, 9).Draw(r, "reopen") == 0 {
				if err := store.Close(); err != nil {
					r.Fatal(err)
				}
				store = mustOpen(r, path, options)
				agree(r, store, model)
			}
		}
	})
}

func mustOpen(r *rapid.T, path string, options Options) *Store {
	store, err := Open(r.Context(), path, options)
	if err != nil {
		r.Fatal(err)
	}
	return store
}

// portion is one append: mostly a few events, sometimes more than the tail holds, or one that is too large for it.
func portion(r *rapid.T) []domain.Stored {
	n, size := rapid.IntRange(1, 5).Draw(r, "events"), 20
	switch rapid.IntRange(0, 24).Draw(r, "kind") {
	case 0:
		n = rapid.SampledFrom([]int{maxLag, tailEvents - 1, tailEvents, 2*tailEvents + 1}).Draw(r, "many")
	case 1:
		n, size = 1, rapid.SampledFrom([]int{tailEvent - 1, tailEvent + 1, tailBytes + 1}).Draw(r, "large")
	}
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{
			ID: uuid.New(), Type: rapid.SampledFrom([]string{"A", "B"}).Draw(r, "type"),
			Data: slices.Repeat([]byte{byte(i)}, size), Meta: []byte("m"),
		}
		if n > 10 { // one draw is enough for many
			events[i].Type = "A"
		}
	}
	return events
}

// agree compares every way of reading with the model.
func agree(r *rapid.T, store *Store, model []domain.Entry) {
	after := rapid.IntRange(0, len(model)).Draw(r, "after")
	filter := domain.Filter{Types: rapid.SampledFrom([][]string{nil, {"B"}, {"A", "C"}}).Draw(r, "types")}
	var want []domain.Entry
	for _, entry := range model[after:] {
		if filter.Passes(entry) {
			want = append(want, entry)
		}
	}
	got := collect(r, store.ReadAll(r.Context(), position(uint64(after)), filter))
	alike(r, "the log", got, want)

	stream := model[rapid.IntRange(0, len(model)-1).Draw(r, "of")].Stream
	var whole []domain.Entry
	for _, entry := range model {
		if entry.Stream == stream {
			whole = append(whole, entry)
		}
	}
	from := rapid.IntRange(0, len(whole)).Draw(r, "from")
	alike(r, "the stream", collect(r, store.ReadStream(r.Context(), stream, domain.Revision(from))), whole[from:])
	slices.Reverse(whole)
	alike(r, "the stream backwards", collect(r, store.ReadStreamBackwards(r.Context(), stream)), whole)
}

func collect(r *rapid.T, entries func(func(domain.Entry, error) bool)) (all []domain.Entry) {
	for entry, err := range entries {
		if err != nil {
			r.Fatal(err)
		}
		all = append(all, entry)
	}
	return all
}

func alike(r *rapid.T, what string, got, want []domain.Entry) {
	same := func(a, b domain.Entry) bool {
		return a.Position == b.Position && a.Stream == b.Stream && a.Revision == b.Revision && a.ID == b.ID &&
			a.Type == b.Type && string(a.Data) == string(b.Data) && string(a.Meta) == string(b.Meta)
	}
	if !slices.EqualFunc(got, want, same) {
		r.Fatalf("%s: got %d entries, want %d, or one of them differs", what, len(got), len(want))
	}
}
