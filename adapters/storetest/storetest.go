// Package storetest is the contract of every event store: the same examples, properties and races are run
// against each adapter, so that nothing above the port needs to know which one it has. It refuses to test speed,
// and to look behind the port.
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

// Option adds what only some stores promise.
type Option func(*suite)

// Reopen tells how to close a store and open what it kept, for stores that are durable.
func Reopen(reopen func(t *testing.T, store domain.EventStore) domain.EventStore) Option {
	return func(s *suite) { s.reopen = reopen }
}

type suite struct {
	open   func(t *testing.T) domain.EventStore
	reopen func(t *testing.T, store domain.EventStore) domain.EventStore

	another func(t *testing.T, store domain.EventStore) domain.EventStore
}

// Run holds a store to the contract. open makes an empty store and closes it at the test's end.
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
		{"of many writers exactly one wins", oneWins},
		{"a conflict hurts nobody else", conflictAlone},
		{"the same append again answers the same", retry},
		{"a retry of something else is a conflict", partialRetry},
		{"what is no append is refused", malformed},
		{"large events and many events", large},
		{"a name is any text", names},
		{"bytes belong to who holds them", ownership},
		{"a cancelled append is done whole or not at all", cancelled},
		{"a cancelled read says so", cancelledRead},
		{"positions are ordered, storable and where reading goes on", positions},
		{"what was acknowledged is seen by whoever asks then", seenAtOnce},
		{"a read sees one log, whatever is appended meanwhile", readWhileAppending},
		{"a new type is known as soon as it is read", newTypes},
		{"a filter passes what it says", filters},
		{"a subscription has no seam", seam},
		{"a subscription ends with its handler or its context", subscriptionEnds},
		{"a subscription goes on from any position", resume},
		{"a slow handler gets batches of bounded size", slowHandler},
		{"snapshots are a cache", snapshots},
		{"a mark is set by one", marks},
		{"a closed store says so", closed},
		{"closing ends what goes on, and says so", func(t *testing.T, store domain.EventStore) { CloseInMidLoad(t, store) }},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s.open(t)) })
	}
	t.Run("what was acknowledged is there after reopening", s.reopening)
	t.Run("several who opened the same log", s.handles)
}

// row is an entry that can be compared: its bytes as text.
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

// events makes n events that tell what they are.
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

// wanted is what the events of one append look like when read, their positions as in got.
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
