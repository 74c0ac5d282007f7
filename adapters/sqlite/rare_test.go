package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// A read by prefix returns what a scan of the whole log does, for prefixes of few streams and of too many.
func TestReadByPrefixEqualsScan(t *testing.T) {
	store, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), Options{SyncOnClose: true, Lag: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	add := func(stream domain.Stream, expected domain.Revision, types ...string) {
		events := make([]domain.Stored, len(types))
		for i, name := range types {
			events[i] = domain.Stored{ID: uuid.New(), Type: name, Data: []byte("{}"), Meta: []byte("{}")}
		}
		if _, err := store.Append(t.Context(), stream, expected, events); err != nil {
			t.Fatal(err)
		}
	}
	for n := range rareStreams + 200 { // the last ones are in memory only
		add(domain.Stream(fmt.Sprintf("many-%d", n)), domain.NoStream, "A", "B")
		if n%1000 == 999 {
			add("few-1", domain.Revision(n/1000*2-1), "A", "C")
			add(domain.Stream(fmt.Sprintf("few-2-%d", n)), domain.NoStream, "B")
		}
	}
	add("few-1", 19, "A")
	var all []domain.Entry
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entry)
	}
	for _, prefixes := range [][]string{{"few-"}, {"few-2", "few-", "none-"}, {"many-1"}, {"many-"}, {"few-", "many-"}, {"f\xff"}} {
		for _, types := range [][]string{nil, {"A"}, {"B", "C"}, {"D"}} {
			for _, from := range []int{0, 1, len(all) / 2, len(all) - 1, len(all)} {
				after := domain.Position{}
				if from > 0 {
					after = all[from-1].Position
				}
				filter := domain.Filter{Types: types, Prefixes: prefixes}
				var want, got []domain.Position
				for _, entry := range all[from:] {
					if passes(entry.Stream, prefixes) && (len(types) == 0 || slices.Contains(types, entry.Type)) {
						want = append(want, entry.Position)
					}
				}
				for entry, err := range store.ReadAll(t.Context(), after, filter) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, entry.Position)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%v after %d: %d events, want %d", filter, from, len(got), len(want))
				}
			}
		}
	}
	if _, rare, err := store.rare(t.Context(), 0, store.head.Load(), []string{"few-"}); err != nil || !rare {
		t.Errorf("few streams are not rare: %v", err)
	}
	if _, rare, err := store.rare(t.Context(), 0, store.head.Load(), []string{"many-"}); err != nil || rare {
		t.Errorf("many streams are rare: %v", err)
	}
}
