package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

func absentStream(t *testing.T, store domain.EventStore) {
	mustAppend(t, store, "client-2", domain.NoStream, events("Other", 1))
	same(t, "forwards", rows(t, store.ReadStream(t.Context(), "client-1", 0)), nil)
	same(t, "backwards", rows(t, store.ReadStreamBackwards(t.Context(), "client-1")), nil)
	if _, err := store.Append(t.Context(), "client-1", 0, events("A", 1)); !errors.Is(err, domain.ErrConflict) {
		t.Errorf("append expecting an event in an absent stream: %v, want a conflict", err)
	}
	same(t, "after a conflict", rows(t, store.ReadStream(t.Context(), "client-1", 0)), nil)
}

func streamOrder(t *testing.T, store domain.EventStore) {
	all := events("Booked", 100)
	var expected domain.Revision = domain.NoStream
	var want []row
	for from, n := 0, 1; from < len(all); n++ {
		to := min(from+n, len(all))
		want = append(want, wanted("appointment-1", expected+1, all[from:to], nil)...)
		appended := mustAppend(t, store, "appointment-1", expected, all[from:to])
		expected += domain.Revision(to - from)
		same(t, "revision", appended.Revision, expected)
		mustAppend(t, store, domain.Stream(fmt.Sprintf("noise-%d", from)), domain.NoStream, events("Noise", 2))
		from = to
	}
	got := rows(t, store.ReadStream(t.Context(), "appointment-1", 0))
	for i := range min(len(want), len(got)) {
		want[i].Position = got[i].Position
	}
	same(t, "forwards", got, want)
	same(t, "from the start", rows(t, store.ReadStream(t.Context(), "appointment-1", domain.NoStream)), want)
	same(t, "from 63", rows(t, store.ReadStream(t.Context(), "appointment-1", 63)), want[63:])
	same(t, "from its last", rows(t, store.ReadStream(t.Context(), "appointment-1", 99)), want[99:])
	same(t, "from after its end", rows(t, store.ReadStream(t.Context(), "appointment-1", 100)), nil)
	back := rows(t, store.ReadStreamBackwards(t.Context(), "appointment-1"))
	slices.Reverse(back)
	same(t, "backwards", back, want)
	again := store.ReadStream(t.Context(), "appointment-1", 98)
	same(t, "the same iteration twice", append(rows(t, again), rows(t, again)...), append(want[98:], want[98:]...))
	for entry, err := range store.ReadStreamBackwards(t.Context(), "appointment-1") {
		if err != nil || rowOf(entry) != want[99] {
			t.Errorf("the first one backwards: %+v, %v", entry, err)
		}
		break
	}
}

func wrongRevision(t *testing.T, store domain.EventStore) {
	mustAppend(t, store, "client-1", domain.NoStream, events("A", 3))
	before := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	for _, expected := range []domain.Revision{domain.NoStream, 0, 1, 3, 4, 1000} {
		appended, err := store.Append(t.Context(), "client-1", expected, events("B", 1))
		if !errors.Is(err, domain.ErrConflict) || appended != (domain.Appended{}) {
			t.Errorf("append expecting %d at 2: %+v, %v; want a conflict", expected, appended, err)
		}
	}
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), before)
	same(t, "the right one", mustAppend(t, store, "client-1", 2, events("B", 2)).Revision, 4)
}

func oneWins(t *testing.T, store domain.EventStore) {
	const rounds, writers = 25, 16
	for round := range domain.Revision(rounds) {
		var group sync.WaitGroup
		won := make(chan []domain.Stored, writers)
		for range writers {
			group.Go(func() {
				mine := events("Held", 1)
				_, err := store.Append(t.Context(), "diary-1", round-1, mine)
				switch {
				case err == nil:
					won <- mine
				case !errors.Is(err, domain.ErrConflict):
					t.Errorf("round %d: %v, want a conflict", round, err)
				}
			})
		}
		group.Wait()
		close(won)
		if len(won) != 1 {
			t.Fatalf("round %d: %d writers won, want exactly one", round, len(won))
		}
		got := rows(t, store.ReadStream(t.Context(), "diary-1", round))
		same(t, "the stream", got, wanted("diary-1", round, <-won, got))
	}
}

func conflictAlone(t *testing.T, store domain.EventStore) {
	mustAppend(t, store, "client-old", domain.NoStream, events("A", 1))
	const callers = 64
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			stream, right := domain.Stream(fmt.Sprintf("client-%d", i)), i%2 == 0
			if !right {
				stream = "client-old"
			}
			_, err := store.Append(t.Context(), stream, domain.NoStream, events("A", 3))
			if right && err != nil || !right && !errors.Is(err, domain.ErrConflict) {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	group.Wait()
	same(t, "events in the log",
		len(rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))), 1+callers/2*3)
}

func retry(t *testing.T, store domain.EventStore) {
	first, second, third := events("A", 3), events("B", 1), events("C", 2)
	places := []domain.Appended{
		mustAppend(t, store, "client-1", domain.NoStream, first),
		mustAppend(t, store, "client-1", 2, second),
		mustAppend(t, store, "client-1", 3, third),
	}
	before := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	for range 2 {
		same(t, "first again", mustAppend(t, store, "client-1", domain.NoStream, first), places[0])
		same(t, "second again", mustAppend(t, store, "client-1", 2, second), places[1])
		same(t, "third again", mustAppend(t, store, "client-1", 3, third), places[2])
	}
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), before)

	var group sync.WaitGroup
	fourth := events("D", 2)
	results := make(chan domain.Appended, 16)
	for range cap(results) {
		group.Go(func() {
			appended, err := store.Append(t.Context(), "client-1", 5, fourth)
			if err != nil {
				t.Errorf("the same append from many: %v", err)
			}
			results <- appended
		})
	}
	group.Wait()
	close(results)
	one := <-results
	same(t, "revision", one.Revision, 7)
	for other := range results {
		same(t, "the same append from many", other, one)
	}
	same(t, "events", len(rows(t, store.ReadStream(t.Context(), "client-1", 0))), 8)
}

func partialRetry(t *testing.T, store domain.EventStore) {
	old, tail, fresh := events("A", 3), events("B", 2), events("C", 3)
	mustAppend(t, store, "client-1", domain.NoStream, old)
	mustAppend(t, store, "client-1", 2, tail)
	mustAppend(t, store, "client-2", domain.NoStream, fresh[2:])
	before := rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
	for name, request := range map[string]struct {
		expected domain.Revision
		events   []domain.Stored
	}{
		"first differs":            {domain.NoStream, []domain.Stored{fresh[0], old[1], old[2]}},
		"last differs":             {domain.NoStream, []domain.Stored{old[0], old[1], fresh[0]}},
		"another order":            {domain.NoStream, []domain.Stored{old[1], old[0], old[2]}},
		"only its beginning":       {domain.NoStream, old[:2]},
		"only its end":             {0, old[1:]},
		"longer":                   {2, append(slices.Clone(tail), fresh[0])},
		"two appends as one":       {domain.NoStream, append(slices.Clone(old), tail...)},
		"at a later revision":      {0, old},
		"at an earlier revision":   {0, tail},
		"an id of another stream":  {domain.NoStream, fresh[2:]},
		"reaching beyond the end":  {3, []domain.Stored{tail[1], fresh[0]}},
		"expecting beyond the end": {7, old},
	} {
		got, err := store.Append(t.Context(), "client-1", request.expected, request.events)
		if !errors.Is(err, domain.ErrConflict) {
			t.Errorf("%s: %+v, %v; want a conflict", name, got, err)
		}
	}
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), before)
}

func malformed(t *testing.T, store domain.EventStore) {
	nameless, typeless := events("A", 3), events("A", 3)
	nameless[1].ID = uuid.Nil
	typeless[2].Type = ""
	zero, bytes := events("A", 2), events("A", 2)
	zero[1].Type, bytes[1].Type = "A\x00", "A\xff"
	huge := events("A", 1)
	huge[0].Data = make([]byte, domain.MaxEventBytes)
	for name, request := range map[string]struct {
		stream   domain.Stream
		expected domain.Revision
		events   []domain.Stored
	}{
		"no events":               {"client-1", domain.NoStream, nil},
		"an event without id":     {"client-1", domain.NoStream, nameless},
		"an event without type":   {"client-1", domain.NoStream, typeless},
		"a type with a zero":      {"client-1", domain.NoStream, zero},
		"a type that is not text": {"client-1", domain.NoStream, bytes},
		"no stream":               {"", domain.NoStream, events("A", 1)},
		"a name with a zero":      {"client-\x00", domain.NoStream, events("A", 1)},
		"a name that is not text": {"client-\xff", domain.NoStream, events("A", 1)},
		"too long a name":         {domain.Stream(strings.Repeat("x", domain.MaxStreamName+1)), domain.NoStream, events("A", 1)},
		"an invalid revision":     {"client-1", -2, events("A", 1)},
		"too large an event":      {"client-1", domain.NoStream, huge},
		"too many events":         {"client-1", domain.NoStream, events("A", domain.MaxAppendEvents+1)},
	} {
		_, err := store.Append(t.Context(), request.stream, request.expected, request.events)
		if err == nil || errors.Is(err, domain.ErrConflict) {
			t.Errorf("%s: %v, want a fault", name, err)
		}
	}
	same(t, "the log", rows(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), nil)
}
