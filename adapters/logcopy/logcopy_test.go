package logcopy_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/domain"
)

// newLog returns a store with two streams and an owner. One append has three events.
func newLog(t *testing.T) *memory.Store {
	t.Helper()
	log := memory.New()
	appendTo(t, log, "account-1", domain.NoStream, "a")
	appendTo(t, log, "client-1", domain.NoStream, "b", "c", "d")
	appendTo(t, log, "account-1", 0, "e")
	ok(t, log.SetMark(t.Context(), logcopy.OwnerMark, "", "me"))
	return log
}

func appendTo(t *testing.T, log *memory.Store, stream domain.Stream, expected domain.Revision, ids ...string) {
	t.Helper()
	var events []domain.Stored
	for _, id := range ids {
		events = append(events, domain.Stored{
			ID: uuid.NewSHA1(uuid.Nil, []byte(id)), Type: "Happened",
			Data: fmt.Appendf(nil, `{"id":%q}`, id), Meta: []byte(`{}`),
		})
	}
	_, err := log.Append(t.Context(), stream, expected, events)
	ok(t, err)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// copyLog copies a log, and returns the sum and how often Step was called.
func copyLog(ctx context.Context, from, to domain.EventStore) (sum logcopy.Sum, steps int, err error) {
	c := logcopy.Copy{From: from, To: to, FromName: "the source", ToName: "the destination", Step: func() { steps++ }}
	if _, err := c.Begin(ctx); err != nil {
		return sum, steps, err
	}
	sum, err = c.Run(ctx)
	return sum, steps, err
}

func mark(t *testing.T, log domain.Marks, name string) string {
	t.Helper()
	value, err := log.Mark(t.Context(), name)
	ok(t, err)
	return value
}

func entries(t *testing.T, log domain.EventStore) (all []string) {
	t.Helper()
	for entry, err := range log.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		ok(t, err)
		all = append(all, fmt.Sprint(entry.Stream, entry.Revision, entry.Rest, entry.ID, entry.Type, string(entry.Data)))
	}
	return all
}

func TestCopyHasTheSameEventsAndOwner(t *testing.T) {
	from, to := newLog(t), memory.New()
	sum, steps, err := copyLog(t.Context(), from, to)
	ok(t, err)
	if sum.Events != 5 || len(sum.String()) != 64 || steps != 2*sum.Events {
		t.Errorf("the sum is %d events with %s after %d steps", sum.Events, sum, steps)
	}
	if got, want := fmt.Sprint(entries(t, to)), fmt.Sprint(entries(t, from)); got != want {
		t.Errorf("the copy has %s, want %s", got, want)
	}
	owner, unfinished := mark(t, to, logcopy.OwnerMark), mark(t, to, logcopy.CopyMark)
	if owner != "me" || unfinished != "" {
		t.Errorf("the copy is owned by %q and marked as a copy of %q", owner, unfinished)
	}
	if a, b := mark(t, from, logcopy.NameMark), mark(t, to, logcopy.NameMark); a == "" || b == "" || a == b {
		t.Errorf("the logs are named %q and %q, want two names", a, b)
	}
	other, _, err := copyLog(t.Context(), to, memory.New())
	ok(t, err)
	if other.String() != sum.String() {
		t.Errorf("the copy of the copy has the hash %s, want %s", other, sum)
	}
}

// failing fails after a number of appends.
type failing struct {
	*memory.Store
	left int
}

var errBroken = errors.New("the connection is broken")

func (f *failing) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if f.left--; f.left < 0 {
		return domain.Appended{}, errBroken
	}
	return f.Store.Append(ctx, stream, expected, events)
}

func TestInterruptedCopyIsResumed(t *testing.T) {
	for appends := range 3 {
		from, to := newLog(t), memory.New()
		if _, _, err := copyLog(t.Context(), from, &failing{to, appends}); !errors.Is(err, errBroken) {
			t.Fatalf("the copy ended with %v", err)
		}
		if unfinished := mark(t, to, logcopy.CopyMark); unfinished != mark(t, from, logcopy.NameMark) {
			t.Errorf("after %d appends the copy is marked as one of %q", appends, unfinished)
		}
		_, _, err := copyLog(t.Context(), newLog(t), to)
		wantError(t, err, "unfinished copy of another log than the source", "choose another store")
		_, _, err = copyLog(t.Context(), to, memory.New())
		if len(entries(t, to)) > 0 {
			wantError(t, err, "is an unfinished copy", "finish that copy first")
		}
		appendTo(t, from, "account-1", 1, "f") // the source goes on meanwhile
		sum, _, err := copyLog(t.Context(), from, to)
		ok(t, err)
		if got, want := fmt.Sprint(entries(t, to)), fmt.Sprint(entries(t, from)); got != want || sum.Events != 6 {
			t.Errorf("the resumed copy has %s, want %s", got, want)
		}
	}
}

func TestCopyRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		from, to func(t *testing.T) *memory.Store
		words    []string
	}{
		"an empty source": {
			func(*testing.T) *memory.Store { return memory.New() },
			func(*testing.T) *memory.Store { return memory.New() },
			[]string{"the source holds no log", "check --from"},
		},
		"a destination with a log": {newLog, newLog, []string{"already holds a log", "choose an empty store"}},
		"a destination of another owner": {newLog, func(t *testing.T) *memory.Store {
			log := memory.New()
			ok(t, log.SetMark(t.Context(), logcopy.OwnerMark, "", "you"))
			return log
		}, []string{"already holds a log"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := copyLog(t.Context(), c.from(t), c.to(t))
			wantError(t, err, c.words...)
		})
	}
}

// TestCopyDetectsOtherEvents changes the destination between two runs. No such copy may be released.
func TestCopyDetectsOtherEvents(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, to *memory.Store){
		"another event":            func(t *testing.T, to *memory.Store) { start(t, to, "account-1", "x") },
		"part of an append":        func(t *testing.T, to *memory.Store) { start(t, to, "client-1", "b") },
		"an append in two":         twoAppends,
		"more than the source has": more,
	} {
		t.Run(name, func(t *testing.T) {
			from, to := newLog(t), memory.New()
			if _, _, err := copyLog(t.Context(), from, &failing{to, 0}); !errors.Is(err, errBroken) {
				t.Fatalf("the copy ended with %v", err)
			}
			change(t, to)
			_, _, err := copyLog(t.Context(), from, to)
			wantError(t, err, "hold different events", "copy again")
			if mark(t, to, logcopy.CopyMark) == "" {
				t.Error("a wrong copy was released")
			}
		})
	}
}

// start appends to a stream that has no events.
func start(t *testing.T, to *memory.Store, stream domain.Stream, ids ...string) {
	t.Helper()
	appendTo(t, to, stream, domain.NoStream, ids...)
}

func twoAppends(t *testing.T, to *memory.Store) {
	appendTo(t, to, "account-1", domain.NoStream, "a")
	appendTo(t, to, "client-1", domain.NoStream, "b")
	appendTo(t, to, "client-1", 0, "c", "d")
}

func more(t *testing.T, to *memory.Store) {
	appendTo(t, to, "account-1", domain.NoStream, "a")
	appendTo(t, to, "client-1", domain.NoStream, "b", "c", "d")
	appendTo(t, to, "account-1", 0, "e")
	appendTo(t, to, "account-1", 1, "f")
}

// lossy loses the data of the last event when it is read.
type lossy struct{ *memory.Store }

func (l lossy) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		for entry, err := range l.Store.ReadAll(ctx, after, filter) {
			if entry.Stream == "account-1" && entry.Revision == 1 {
				entry.Data = nil
			}
			if !yield(entry, err) {
				return
			}
		}
	}
}

func TestCopyVerifiesWhatItWrote(t *testing.T) {
	to := memory.New()
	_, _, err := copyLog(t.Context(), newLog(t), lossy{to})
	wantError(t, err, "the copy is wrong", "empty it and copy again")
	if mark(t, to, logcopy.CopyMark) == "" {
		t.Error("a wrong copy was released")
	}
}

func TestLogNameIsKept(t *testing.T) {
	log := memory.New()
	first, err := logcopy.LogName(t.Context(), log)
	ok(t, err)
	second, err := logcopy.LogName(t.Context(), log)
	ok(t, err)
	if first == "" || first != second {
		t.Errorf("the log is named %q, then %q", first, second)
	}
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error is %v, want one with %q", err, word)
		}
	}
}

// TestDamagedEventIsNotCopied: a copy of a damaged log would look like a sound one.
func TestDamagedEventIsNotCopied(t *testing.T) {
	from := memory.New()
	event := domain.Stored{ID: uuid.New(), Type: "Happened", Data: []byte(`{"n":5}`), Meta: []byte(`{"a":1}`)}
	event = domain.Entry{Stored: event, Stream: "account-1"}.WithChecksum()
	event.Data = []byte(`{"n":9}`)
	_, err := from.Append(t.Context(), "account-1", domain.NoStream, []domain.Stored{event})
	ok(t, err)
	_, _, err = copyLog(t.Context(), from, memory.New())
	if !errors.Is(err, domain.ErrDamaged) || !strings.Contains(err.Error(), "the source") {
		t.Errorf("the copy of a damaged log returned %v", err)
	}
}
