package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

func positions(t *testing.T, store domain.EventStore) {
	head, err := store.Head(t.Context())
	if err != nil || !head.IsZero() {
		t.Errorf("head of an empty log: %v, %v", head, err)
	}
	var last domain.Appended
	for i := range 20 {
		last = mustAppend(t, store, domain.Stream(fmt.Sprintf("client-%d", i%7)), domain.Revision(i/7*2-1), events("A", 2))
	}
	all := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	same(t, "events", len(all), 40)
	head, err = store.Head(t.Context())
	if err != nil || head != last.Position || head != all[39].Position {
		t.Errorf("head %v, %v; the last append returned %v and the last event has %v", head, err, last.Position, all[39].Position)
	}
	before := domain.Position{}
	for i, r := range all {
		if !before.Before(r.Position) {
			t.Errorf("position %v of event %d is not after %v", r.Position, i, before)
		}
		if before.String() >= r.Position.String() {
			t.Errorf("as text, %s is not after %s", r.Position, before)
		}
		before = r.Position
		kept, err := domain.ParsePosition(r.Position.String())
		if err != nil {
			t.Fatal(err)
		}
		after := rows(t, store.ReadAll(t.Context(), kept, domain.Filter{}))
		same(t, "after "+kept.String(), after, append([]row(nil), all[i+1:]...))
	}
}

// seenAtOnce runs a ring of writers. Each appends and passes the place to the next, which must find the event in
// every way of reading.
func seenAtOnce(t *testing.T, store domain.EventStore) {
	const ring, rounds = 6, 40
	type told struct {
		stream domain.Stream
		place  domain.Appended
	}
	next := make([]chan told, ring)
	for i := range next {
		next[i] = make(chan told, rounds)
	}
	var group sync.WaitGroup
	for i := range ring {
		group.Go(func() {
			stream := domain.Stream(fmt.Sprintf("ring%d-1", i))
			for round := range domain.Revision(rounds) {
				place, err := store.Append(t.Context(), stream, round-1, events("A", 1))
				if err != nil {
					t.Errorf("append: %v", err)
				}
				next[(i+1)%ring] <- told{stream, place}
				tale := <-next[i]
				finds(t, store, tale.stream, tale.place)
			}
		})
	}
	group.Wait()
}

// finds looks for the event at a place, which may no longer be the last of its stream.
func finds(t *testing.T, store domain.EventStore, stream domain.Stream, place domain.Appended) {
	head, err := store.Head(t.Context())
	if err != nil || head.Before(place.Position) {
		t.Errorf("the head is %v, %v; %v was acknowledged", head, err, place.Position)
	}
	for way, read := range map[string]iter.Seq2[domain.Entry, error]{
		"from there":      store.ReadStream(t.Context(), stream, place.Revision),
		"backwards":       store.ReadStreamBackwards(t.Context(), stream),
		"the log":         store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}),
		"the log by name": store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Prefixes: []string{string(stream)}}),
		"the log by type": store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: []string{"A"}}),
	} {
		found := false
		for entry, err := range read {
			if err != nil {
				t.Errorf("read %s: %v", way, err)
				return
			}
			if found = entry.Position == place.Position; found {
				break
			}
		}
		if !found {
			t.Errorf("read %s: revision %d of %s, at %v, was acknowledged but is missing",
				way, place.Revision, stream, place.Position)
		}
	}
}

func readWhileAppending(t *testing.T, store domain.EventStore) {
	mustAppend(t, store, "client-1", domain.NoStream, events("A", 3000))
	n := 0
	var got []row
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n < 3000 && n%100 == 0 {
			mustAppend(t, store, "client-1", domain.Revision(2999+n/100), events("B", 1))
		}
		got = append(got, rowOf(entry))
		n++
	}
	if n < 3000 {
		t.Fatalf("read %d events, want at least the first 3000", n)
	}
	after := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	same(t, "events afterwards", len(after), 3030)
	same(t, "what was read", got, after[:len(got)])
}

// newTypes reads one stream in every way while each append brings a new type and a new category.
func newTypes(t *testing.T, store domain.EventStore) {
	const appends = 80
	writing, done := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for _, read := range []func() iter.Seq2[domain.Entry, error]{
		func() iter.Seq2[domain.Entry, error] { return store.ReadStream(t.Context(), "new-1", 0) },
		func() iter.Seq2[domain.Entry, error] { return store.ReadStreamBackwards(t.Context(), "new-1") },
		func() iter.Seq2[domain.Entry, error] {
			return store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Prefixes: []string{"new-"}})
		},
	} {
		group.Go(func() {
			for writing.Err() == nil {
				for entry, err := range read() {
					if want := fmt.Sprintf("New%d", entry.Revision); err != nil || entry.Type != want {
						t.Errorf("type %q, %v; want %q", entry.Type, err, want)
						return
					}
					runtime.Gosched() // let the writer run too
				}
			}
		})
	}
	for i := range domain.Revision(appends) {
		mustAppend(t, store, "new-1", i-1, events(fmt.Sprintf("New%d", i), 1))
		mustAppend(t, store, domain.Stream(fmt.Sprintf("category%d-1", i)), domain.NoStream, events("Old", 1))
	}
	done()
	group.Wait()
}

// filters compares filtered reads and subscriptions with a check of every event, for random logs and filters.
func filters(t *testing.T, store domain.EventStore) {
	streams := []domain.Stream{
		"client-1", "client-12", "client-2", "clients-1", "client", "c", "cl-", "diary-1-201604", "diary-1-201605",
		"-x", "é-1", "a_b-1", "axb-1", "a%-1", `a\-1`, "$a-1", "$$a-1", ".a-1",
	}
	kinds := []string{"Booked", "Held", "Released", "Cancelled", "booked", "B_oked", "B%", "$Booked", "B.oked"}
	prefixes := []string{
		"", "c", "client", "client-", "client-1", "client-12", "clients-", "diary-", "diary-1-201604", "diary-1-2016040",
		"-", "é", "é-", "CLIENT-", "nothing-",
		"a_", "a%", `a\`, "%", "_", "$", "$$", ".", "^c", "c.*", "'",
	}
	ends := map[domain.Stream]domain.Revision{}
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(0, 4).Draw(rt, "appends") {
			stream := rapid.SampledFrom(streams).Draw(rt, "stream")
			n := rapid.IntRange(1, 3).Draw(rt, "events")
			mustAppend(t, store, stream, ends[stream]-1, events(rapid.SampledFrom(kinds).Draw(rt, "kind"), n))
			ends[stream] += domain.Revision(n)
		}
		filter := domain.Filter{
			Types:    rapid.SliceOfN(rapid.SampledFrom(append(kinds, "Unheard")), 0, 3).Draw(rt, "types"),
			Prefixes: rapid.SliceOfN(rapid.SampledFrom(prefixes), 0, 3).Draw(rt, "prefixes"),
		}
		all := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
		from, after := 0, domain.Position{}
		if len(all) > 0 && rapid.Bool().Draw(rt, "after some") {
			from = rapid.IntRange(1, len(all)).Draw(rt, "from")
			after = all[from-1].Position
		}
		var want []row
		for _, r := range all[from:] {
			if passes(filter, r) {
				want = append(want, r)
			}
		}
		same(rt, "read", rows(t, store.ReadAll(t.Context(), after, filter)), want)
		same(rt, "followed", follow(rt, store, after, filter, len(want)), want)
	})
}

func passes(filter domain.Filter, r row) bool {
	return (len(filter.Types) == 0 || slices.Contains(filter.Types, r.Type)) &&
		(len(filter.Prefixes) == 0 || slices.ContainsFunc(filter.Prefixes, func(prefix string) bool {
			return strings.HasPrefix(string(r.Stream), prefix)
		}))
}

var errEnough = errors.New("enough")

// follow subscribes until it has n events.
func follow(t rapid.TB, store domain.EventStore, after domain.Position, filter domain.Filter, n int) []row {
	if n == 0 {
		return nil
	}
	var got []row
	err := store.Subscribe(context.Background(), after, filter, func(_ context.Context, batch []domain.Entry) error {
		for _, entry := range batch {
			got = append(got, rowOf(entry))
		}
		if len(got) >= n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Errorf("subscribe: %v, want the handler's error", err)
	}
	return got
}
