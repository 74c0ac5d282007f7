package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/domain"
)

func openAt(t testing.TB, url string, options Options) *Store {
	t.Helper()
	store, err := Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

func some(n, size int) []domain.Stored {
	events := make([]domain.Stored, n)
	for i := range events {
		events[i] = domain.Stored{ID: uuid.New(), Type: "A", Data: slices.Repeat([]byte("d"), size), Meta: []byte("{}")}
	}
	return events
}

func mustAppend(t testing.TB, store *Store, stream domain.Stream, expected domain.Revision, n int) domain.Appended {
	t.Helper()
	appended, err := store.Append(t.Context(), stream, expected, some(n, 10))
	if err != nil {
		t.Fatal(err)
	}
	return appended
}

// names returns the streams and revisions of entries, in order.
func names(t testing.TB, entries iter.Seq2[domain.Entry, error]) (found []string) {
	t.Helper()
	before := domain.Position{}
	for entry, err := range entries {
		if err != nil {
			t.Fatal(err)
		}
		if !before.Before(entry.Position) {
			t.Errorf("position %v after %v", entry.Position, before)
		}
		before = entry.Position
		found = append(found, fmt.Sprintf("%s@%d", entry.Stream, entry.Revision))
	}
	return found
}

// foreign is a transaction of another process that commits when the test says so.
type foreign struct {
	t  *testing.T
	tx pgx.Tx
}

func begin(t *testing.T, url string) foreign {
	t.Helper()
	tx, err := pgtest.Conn(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return foreign{t, tx}
}

// append calls the function that every process calls. It returns the head of the stream.
func (f foreign) append(stream string, expected int) (head int, err error) {
	err = f.tx.QueryRow(f.t.Context(), `SELECT heads[1] FROM append(0, ARRAY[$1], ARRAY[$2::bigint], ARRAY[1],
		ARRAY[1], ARRAY[0], ARRAY[gen_random_uuid()], ARRAY['A'], ARRAY[''::bytea], ARRAY[''::bytea])`,
		stream, expected).Scan(&head)
	return head, err
}

func (f foreign) must(stream string, expected int) {
	f.t.Helper()
	if head, err := f.append(stream, expected); err != nil || head != expected {
		f.t.Fatalf("append in a transaction: at %d, %v", head, err)
	}
}

func (f foreign) commit() {
	f.t.Helper()
	if err := f.tx.Commit(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// lines collects log output for a test to read.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// eventually waits for a condition, as long as the test may run.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// next receives a value, and fails the test if none arrives.
func next[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrived")
	}
	return value
}

// TestReadersWaitForOlderTransactions is the reason for the design of the store. One transaction has appended and
// stays open, and later ones commit. No reader may see the later ones before the outcome of the first is known.
// Otherwise it would have passed the first, and would never read its events.
func TestReadersWaitForOlderTransactions(t *testing.T) {
	for how, finish := range map[string]func(foreign){
		"committed": foreign.commit,
		"undone": func(f foreign) {
			if err := f.tx.Rollback(f.t.Context()); err != nil {
				f.t.Fatal(err)
			}
		},
	} {
		t.Run(how, func(t *testing.T) {
			url := pgtest.URL(t)
			log := &lines{}
			store := openAt(t, url, Options{Log: slog.New(slog.NewTextHandler(log, nil))})
			mustAppend(t, store, "before", domain.NoStream, 1)
			before := names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))

			other := openAt(t, url, Options{})
			open := begin(t, url)
			open.must("held", -1)
			var xid uint64
			if err := open.tx.QueryRow(t.Context(), "SELECT pg_current_xact_id()::text::bigint").Scan(&xid); err != nil {
				t.Fatal(err)
			}
			want := []string{"before@0"}
			if how == "committed" {
				want = append(want, "held@0")
			}
			for i := range 5 {
				stream := domain.Stream(fmt.Sprintf("later-%d", i))
				mustAppend(t, store, stream, domain.NoStream, 1)
				want = append(want, string(stream)+"@0")
			}
			same(t, "one stream is read at once", names(t, store.ReadStream(t.Context(), "later-4", 0)), []string{"later-4@0"})

			// Readers of this process and of another one wait, or see what was there before.
			same(t, "another process", names(t, other.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), before)
			read, head, followed := make(chan []string, 1), make(chan error, 1), make(chan string, 100)
			var group sync.WaitGroup
			defer group.Wait()
			group.Go(func() { read <- names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})) })
			group.Go(func() {
				_, err := store.Head(t.Context())
				head <- err
			})
			following, stop := context.WithCancel(t.Context())
			defer stop()
			group.Go(func() {
				err := store.Subscribe(following, domain.Position{}, domain.Filter{},
					func(_ context.Context, batch []domain.Entry) error {
						for _, entry := range batch {
							followed <- fmt.Sprintf("%s@%d", entry.Stream, entry.Revision)
						}
						return nil
					})
				if err != nil {
					t.Error(err)
				}
			})
			defer func() { _ = open.tx.Rollback(t.Context()) }() // leave no reader waiting
			same(t, "followed", next(t, followed), "before@0")
			eventually(t, "the holder is named", func() bool {
				now, waits := store.Waiting()
				return waits && now.Transaction == xid && now.For > delayTold && strings.Contains(now.Holder, "idle in transaction")
			})
			if len(read)+len(head)+len(followed) != 0 {
				t.Error("a reader passed an open transaction")
			}
			if text := log.String(); !strings.Contains(text, fmt.Sprintf("transaction=%d", xid)) {
				t.Errorf("the transaction is not logged: %s", text)
			}
			reopened := openAt(t, url, Options{}) // must find what was acknowledged before it was opened
			for _, waits := range []*Store{store, reopened} {
				ended, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
				if _, err := waits.Head(ended); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("head: %v, want %v", err, context.DeadlineExceeded)
				}
				cancel()
			}

			finish(open)
			same(t, "reopened", names(t, reopened.ReadAll(t.Context(), domain.Position{}, domain.Filter{})), want)
			same(t, "read", <-read, want)
			if err := <-head; err != nil {
				t.Error(err)
			}
			for _, name := range want[1:] {
				same(t, "followed", next(t, followed), name)
			}
			eventually(t, "nobody waits any more", func() bool { _, waits := store.Waiting(); return !waits })
		})
	}
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// TestOldTransactionsDoNotAppendAfterYoungerOnes: a transaction got its id and then waited for a younger one. Its
// event would come first in the log and later in the stream.
func TestOldTransactionsDoNotAppendAfterYoungerOnes(t *testing.T) {
	url := pgtest.URL(t)
	store := openAt(t, url, Options{})
	mustAppend(t, store, "contested", domain.NoStream, 1)
	old := begin(t, url)
	old.must("other", -1) // and has its number
	mustAppend(t, store, "contested", 0, 1)
	if head, err := old.append("contested", 1); err != nil || head != int(askAgain) {
		t.Errorf("an old transaction returned %d, %v; want to be told to try again", head, err)
	}
	old.commit()

	// The appends of the store meet the same and retry in a younger transaction.
	for i := range 50 {
		head, err := store.Append(t.Context(), "contested", domain.Revision(1+i), some(1, 1))
		if err != nil || head.Revision != domain.Revision(2+i) {
			t.Fatal(head, err)
		}
	}
	if err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTwoProcessesShareAStream lets many callers of two stores append to the same few streams. Exactly one wins each
// revision, even if an append guesses a revision that does not exist yet, and the log has each stream in order.
func TestTwoProcessesShareAStream(t *testing.T) {
	url := pgtest.URL(t)
	const streams, callers, rounds = 3, 8, 40
	stores := []*Store{openAt(t, url, Options{}), openAt(t, url, Options{})}
	var mu sync.Mutex
	won := map[string]int{}
	var group sync.WaitGroup
	for caller := range callers * len(stores) {
		store := stores[caller%len(stores)]
		group.Go(func() {
			for round := range rounds {
				stream := domain.Stream(fmt.Sprintf("shared-%d", (caller+round)%streams))
				head := domain.NoStream
				for entry, err := range store.ReadStreamBackwards(t.Context(), stream) {
					if err != nil {
						t.Error(err)
						return
					}
					head = entry.Revision
					break
				}
				head += domain.Revision(round % 2) // a guess
				appended, err := store.Append(t.Context(), stream, head, some(1, 10))
				if err == nil {
					mu.Lock()
					won[fmt.Sprintf("%s@%d", stream, appended.Revision)]++
					mu.Unlock()
				} else if !isConflict(err) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for _, store := range stores {
		if err := store.Verify(t.Context()); err != nil {
			t.Error(err)
		}
		all := names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
		if len(all) != len(won) || len(all) == 0 {
			t.Errorf("the log has %d events, %d were acknowledged", len(all), len(won))
		}
		for _, name := range all {
			if won[name] != 1 {
				t.Errorf("%s was acknowledged %d times", name, won[name])
			}
		}
	}
}

// TestLogMovesToAYoungerServer restores a log from a dump into a server that has yet to assign its transaction ids.
func TestLogMovesToAYoungerServer(t *testing.T) {
	url := pgtest.URL(t)
	store := openAt(t, url, Options{})
	mustAppend(t, store, "a-1", domain.NoStream, 3)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Conn(t, url)
	const ahead = 1_000_000_000
	for _, table := range []string{"events", "streams"} {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("UPDATE %s SET xid = xid + %d", table, ahead)); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 3 { // the second opening finds the log at home
		store = openAt(t, url, Options{})
		if round == 0 {
			same(t, "moved", names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{})),
				[]string{"a-1@0", "a-1@1", "a-1@2"})
		}
		mustAppend(t, store, "a-1", domain.Revision(2+round), 1)
		mustAppend(t, store, domain.Stream(fmt.Sprintf("b-%d", round)), domain.NoStream, 1)
		all := names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))
		same(t, "the last", all[len(all)-2:], []string{fmt.Sprintf("a-1@%d", 3+round), fmt.Sprintf("b-%d@0", round)})
		if err := store.Verify(t.Context()); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
