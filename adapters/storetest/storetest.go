// Package storetest is the contract of every event store. It runs the same examples, properties and races against
// each adapter, so that nothing above the port needs to know which one it has. It does not test speed or look behind
// the port.
package storetest

import (
	"fmt"
	"iter"
	"reflect"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

// Option adds tests for what only some stores promise.
type Option func(*suite)

// Reopen sets how to close a durable store and open it again.
func Reopen(reopen func(t *testing.T, store domain.EventStore) domain.EventStore) Option {
	return func(s *suite) { s.reopen = reopen }
}

type suite struct {
	open   func(t *testing.T) domain.EventStore
	reopen func(t *testing.T, store domain.EventStore) domain.EventStore

	another func(t *testing.T, store domain.EventStore) domain.EventStore
}

// Run tests the contract. open creates an empty store and closes it when the test ends.
func Run(t *testing.T, open func(t *testing.T) domain.EventStore, options ...Option) {
	s := &suite{open: open}
	for _, option := range options {
		option(s)
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, domain.EventStore)
	}{
		{"an absent stream is empty", absentStream},
		{"a stream is read in order, forwards and backwards", streamOrder},
		{"an append at another revision is a conflict", wrongRevision},
		{"one of many writers wins", oneWins},
		{"a conflict affects no other append", conflictAlone},
		{"a retry returns the same", retry},
		{"a retry with other events is a conflict", partialRetry},
		{"invalid appends are refused", malformed},
		{"large events and many events", large},
		{"a name is any text", names},
		{"a checksum holds however an event is read", checksums},
		{"bytes are not shared with callers", ownership},
		{"a cancelled append is done completely or not at all", cancelled},
		{"a cancelled read returns an error", cancelledRead},
		{"positions are ordered, storable and resumable", positions},
		{"acknowledged events are visible at once", seenAtOnce},
		{"a read is consistent during appends", readWhileAppending},
		{"a new type is known as soon as it is read", newTypes},
		{"filters select by type and prefix", filters},
		{"a subscription misses nothing when it catches up", seam},
		{"a subscription ends with its handler or its context", subscriptionEnds},
		{"a subscription resumes from any position", resume},
		{"a slow handler gets batches of bounded size", slowHandler},
		{"snapshots are a cache", snapshots},
		{"one of many callers sets a mark", marks},
		{"a closed store returns ErrStoreClosed", closed},
		{"closing under load returns ErrStoreClosed", func(t *testing.T, store domain.EventStore) { CloseUnderLoad(t, store) }},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s.open(t)) })
	}
	t.Run("acknowledged events survive reopening", s.reopening)
	t.Run("two stores of one log", s.handles)
}

// row is an entry that can be compared, with its bytes as text.
type row struct {
	Position   domain.Position
	Stream     domain.Stream
	Revision   domain.Revision
	Rest       int
	ID         uuid.UUID
	Type       string
	Data, Meta string
}

func rowOf(e domain.Entry) row {
	return row{e.Position, e.Stream, e.Revision, e.Rest, e.ID, e.Type, string(e.Data), string(e.Meta)}
}

// rows reads to the end.
func rows(t testing.TB, entries iter.Seq2[domain.Entry, error]) []row {
	t.Helper()
	var all []row
	for entry, err := range entries {
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		all = append(all, rowOf(entry))
	}
	return all
}

// events returns n events of a type, with their number as data.
func events(kind string, n int) []domain.Stored {
	made := make([]domain.Stored, n)
	for i := range made {
		made[i] = domain.Stored{
			ID: uuid.New(), Type: kind,
			Data: fmt.Appendf(nil, `{"n":%d}`, i), Meta: fmt.Appendf(nil, `{"of":%q}`, kind),
		}
	}
	return made
}

func mustAppend(
	t testing.TB, store domain.EventStore, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) domain.Appended {
	t.Helper()
	appended, err := store.Append(t.Context(), stream, expected, events)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return appended
}

// wanted returns the rows that the events of one append must read as, with the positions of got.
func wanted(stream domain.Stream, first domain.Revision, events []domain.Stored, got []row) []row {
	want := make([]row, len(events))
	for i, e := range events {
		want[i] = row{
			Stream: stream, Revision: first + domain.Revision(i), Rest: len(events) - 1 - i,
			ID: e.ID, Type: e.Type, Data: string(e.Data), Meta: string(e.Meta),
		}
		if i < len(got) {
			want[i].Position = got[i].Position
		}
	}
	return want
}

func same[T any](t rapid.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, brief(got), brief(want))
	}
}

func brief(v any) string {
	text := fmt.Sprintf("%+v", v)
	if len(text) > 2000 {
		return fmt.Sprintf("%s … (%d characters)", text[:2000], len(text))
	}
	return text
}
