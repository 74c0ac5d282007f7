package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

func isConflict(err error) bool { return errors.Is(err, domain.ErrConflict) }

func exec(t testing.TB, url string, statements ...string) {
	t.Helper()
	conn := pgtest.Conn(t, url)
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestConcurrentFirstStartsSucceed(t *testing.T) {
	url := pgtest.URL(t)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			store, err := Open(t.Context(), url, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := store.Append(t.Context(), "shared", domain.Revision(i), some(1, 1)); !isConflict(err) {
				t.Errorf("append to an absent stream: %v", err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestReadModelSchemaIsRefused(t *testing.T) {
	url := pgtest.URL(t)
	schema, err := dbschema.Open(t.Context(), url, dbschema.Kind{
		Name: "read models", Schema: "clickbook_views", Table: "views_version", Grows: true,
	}, dbschema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	schema.Close()
	if _, err := Open(t.Context(), url, Options{}); !errors.Is(err, fault.ErrForeign) {
		t.Errorf("%v, want %v", err, fault.ErrForeign)
	}
	exec(t, url, "DROP TABLE views_version")
	openAt(t, url, Options{})
	exec(t, url, "UPDATE event_log_version SET version = version + 1")
	if _, err := Open(t.Context(), url, Options{}); !errors.Is(err, fault.ErrNewer) {
		t.Errorf("%v, want %v", err, fault.ErrNewer)
	}
}

// TestAppendsAreDurableWithAnyDatabaseDefault opens a database whose sessions do not wait for the disk by default.
func TestAppendsAreDurableWithAnyDatabaseDefault(t *testing.T) {
	url := pgtest.With(t, pgtest.URL(t), "options", "-c synchronous_commit=off")
	for options, want := range map[Options]string{{}: "on", {Lax: true}: "off"} {
		store := openAt(t, url, options)
		mustAppend(t, store, domain.Stream("s-"+want), domain.NoStream, 1)
		if err := store.Close(); err != nil { // the writer is at rest, and its last word is known
			t.Fatal(err)
		}
		store = openAt(t, url, options)
		w := &lane{writer: &writer{store: store}}
		if err := w.connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		var is string
		if err := w.conn.QueryRow(t.Context(), "SHOW synchronous_commit").Scan(&is); err != nil || is != want {
			t.Errorf("%+v: synchronous_commit is %s, %v; want %s", options, is, err, want)
		}
		w.drop()
	}
}

// TestRefusedEventsFailOnlyTheirCaller sends good and refused events in one transaction.
func TestRefusedEventsFailOnlyTheirCaller(t *testing.T) {
	url := pgtest.URL(t)
	store := openAt(t, url, Options{})
	exec(t, url, "ALTER TABLE events ADD CHECK (type <> 'Poison')")
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			events := some(2, 10)
			if i%8 == 0 {
				events[1].Type = "Poison"
			}
			_, err := store.Append(t.Context(), domain.Stream(fmt.Sprintf("client-%d", i)), domain.NoStream, events)
			if refused := i%8 == 0; refused != (err != nil) || refused && !errors.Is(err, dbschema.ErrServer) {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	group.Wait()
	same(t, "events", len(names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))), 56*2)
	_, err := store.Append(t.Context(), "a", domain.NoStream, []domain.Stored{{ID: uuid.New(), Type: "a\x00b"}})
	if err == nil || isConflict(err) {
		t.Errorf("a type that is not text: %v", err)
	}
	filter := domain.Filter{Types: []string{"\xff"}}
	same(t, "such a type", len(names(t, store.ReadAll(t.Context(), domain.Position{}, filter))), 0)
	filter = domain.Filter{Prefixes: []string{"\xff", "client-1\x00"}}
	same(t, "such a prefix", len(names(t, store.ReadAll(t.Context(), domain.Position{}, filter))), 0)
	mustAppend(t, store, "é-1", domain.NoStream, 1)
	filter = domain.Filter{Prefixes: []string{"\xc3"}} // half of the é
	same(t, "half a letter", names(t, store.ReadAll(t.Context(), domain.Position{}, filter)), []string{"é-1@0"})
}

// TestLargeEvents appends and reads the largest event, the largest append, and pages that hold few of them.
func TestLargeEvents(t *testing.T) {
	store := openAt(t, pgtest.URL(t), Options{Patience: 2 * time.Minute})
	huge := some(4, domain.MaxEventBytes-2)
	for round := range domain.Revision(2) {
		appended, err := store.Append(t.Context(), "huge-1", 4*round-1, huge)
		if err != nil {
			t.Fatal(err)
		}
		again, err := store.Append(t.Context(), "huge-1", 4*round-1, huge)
		if err != nil || again != appended {
			t.Errorf("retry: %v, %v; the first was %v", again, err, appended)
		}
		for i := range huge {
			huge[i].ID = uuid.New()
		}
	}
	mustAppend(t, store, "small-1", domain.NoStream, 1000)
	for name, read := range map[string]func(func(domain.Entry, error) bool){
		"all":    store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}),
		"stream": store.ReadStream(t.Context(), "huge-1", 0),
	} {
		n, size := 0, 0
		for entry, err := range read {
			if err != nil {
				t.Fatal(err)
			}
			n++
			size += len(entry.Data)
		}
		if name == "all" {
			n, size = n-1000, size-10*1000
		}
		if n != 8 || size != 8*(domain.MaxEventBytes-2) {
			t.Errorf("%s: %d events of %d bytes", name, n, size)
		}
	}
	enough := errors.New("enough")
	n := 0
	err := store.Subscribe(t.Context(), domain.Position{}, domain.Filter{}, func(_ context.Context, batch []domain.Entry) error {
		if n < 8 && len(batch) > 1 {
			t.Errorf("a batch of %d huge entries", len(batch))
		}
		if n += len(batch); n == 1008 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 1008 {
		t.Errorf("followed %d: %v", n, err)
	}
}

// TestLockedLogIsWaitedFor checks that callers return when their contexts end, or with domain.ErrUnavailable when
// their patience ends. Nothing is half done, and a retry returns the outcome.
func TestLockedLogIsWaitedFor(t *testing.T) {
	url := pgtest.URL(t)
	store := openAt(t, url, Options{Patience: 400 * time.Millisecond})
	mustAppend(t, store, "a-1", domain.NoStream, 1)
	lock := begin(t, url)
	if _, err := lock.tx.Exec(t.Context(), "LOCK TABLE events IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	events := some(3, 10)
	for range 2 {
		if _, err := store.Append(t.Context(), "a-1", 0, events); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("append: %v, want %v", err, domain.ErrUnavailable)
		}
	}
	for _, err := range store.ReadStream(t.Context(), "a-1", 0) {
		if !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("read: %v, want %v", err, domain.ErrUnavailable)
		}
	}
	ended, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := store.Append(ended, "a-1", 0, events); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("append: %v, want %v", err, context.DeadlineExceeded)
	}
	lock.commit()
	appended, err := store.Append(t.Context(), "a-1", 0, events)
	if err != nil || appended.Revision != 3 {
		t.Errorf("retry: %v, %v", appended, err)
	}
	same(t, "the stream", len(names(t, store.ReadStream(t.Context(), "a-1", 0))), 4)
}

// TestServerAway checks that opening fails at once, and that an open store retries and then returns
// domain.ErrUnavailable.
func TestServerAway(t *testing.T) {
	server := pgtest.Start(t)
	store := openAt(t, server.URL(), Options{Patience: 300 * time.Millisecond})
	patient := openAt(t, server.URL(), Options{})
	mustAppend(t, store, "a-1", domain.NoStream, 1)
	server.Stop(false)
	if _, err := Open(t.Context(), server.URL(), Options{}); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("open: %v, want %v", err, domain.ErrUnavailable)
	}
	_, err := store.Append(t.Context(), "a-1", 0, some(1, 1))
	if !errors.Is(err, domain.ErrUnavailable) || !strings.Contains(err.Error(), "reached") {
		t.Errorf("append: %v, want %v", err, domain.ErrUnavailable)
	}
	if _, err := store.Head(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("head: %v, want %v", err, domain.ErrUnavailable)
	}
	var group sync.WaitGroup
	defer group.Wait()
	asked := make(chan struct{})
	group.Go(func() {
		close(asked)
		if _, err := patient.Append(t.Context(), "a-1", 0, some(1, 1)); err != nil {
			t.Errorf("a patient append: %v", err)
		}
	})
	group.Go(func() {
		if found := names(t, patient.ReadStream(t.Context(), "a-1", 0)); len(found) == 0 {
			t.Error("a patient read returned nothing")
		}
	})
	<-asked
	server.Start()
}

// TestCloseFinishesPendingAppends closes the store during many appends. It must leave no goroutine and no session.
func TestCloseFinishesPendingAppends(t *testing.T) {
	url := pgtest.URL(t)
	openAt(t, url, Options{}).Close() // creates what is created only once
	before := runtime.NumGoroutine()
	name := "leak-" + uuid.NewString()[:8]
	store, err := Open(t.Context(), pgtest.With(t, url, "application_name", name), Options{})
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := storetest.CloseUnderLoad(t, store)
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
	conn := pgtest.Conn(t, url)
	eventually(t, "no session is left", func() bool {
		var n int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name).Scan(&n)
		return err == nil && n == 0
	})
	store = openAt(t, url, Options{})
	same(t, "events", len(names(t, store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}))), acknowledged)
}

// TestVerifyFindsDamage plants every kind of damage that Verify promises to find.
func TestVerifyFindsDamage(t *testing.T) {
	for what, damage := range map[string]string{
		"a gap":                 "DELETE FROM events WHERE name = 'a-1' AND revision = 1",
		"a lost end":            "DELETE FROM events WHERE name = 'a-1' AND revision = 4",
		"a wrong head":          "UPDATE streams SET head = 7 WHERE name = 'a-1'",
		"half an append":        "DELETE FROM events WHERE name = 'a-1' AND revision = 4; UPDATE streams SET head = 3",
		"a stream of no events": "DELETE FROM events WHERE name = 'a-1'",
		"a wrong order":         "UPDATE events SET xid = xid + 1000000 WHERE name = 'a-1' AND revision < 2",
		"a lost stream":         "DELETE FROM streams WHERE name = 'a-1'",
		"another name":          "UPDATE events SET name = 'b-1' WHERE revision = 0",
	} {
		t.Run(what, func(t *testing.T) {
			url := pgtest.URL(t)
			store := openAt(t, url, Options{})
			mustAppend(t, store, "a-1", domain.NoStream, 2)
			mustAppend(t, store, "a-1", 1, 3)
			if err := store.Verify(t.Context()); err != nil {
				t.Fatal(err)
			}
			exec(t, url, damage)
			if err := store.Verify(t.Context()); !errors.Is(err, fault.ErrDamaged) {
				t.Errorf("%v, want %v", err, fault.ErrDamaged)
			} else {
				t.Log(err)
			}
		})
	}
}

// TestSubscriptionsSeeOtherProcesses checks that the appends of one process reach the subscription of another, by a
// notification or, if that is lost, by polling.
func TestSubscriptionsSeeOtherProcesses(t *testing.T) {
	url := pgtest.URL(t)
	mine, other := openAt(t, url, Options{}), openAt(t, url, Options{})
	came := make(chan string)
	following, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- other.Subscribe(following, domain.Position{}, domain.Filter{}, func(_ context.Context, batch []domain.Entry) error {
			for _, entry := range batch {
				came <- string(entry.Stream)
			}
			return nil
		})
	}()
	for i := range 20 {
		stream := fmt.Sprintf("a-%d", i)
		mustAppend(t, mine, domain.Stream(stream), domain.NoStream, 1)
		same(t, "came", <-came, stream)
		if i == 10 { // nobody hears any more
			exec(t, url, fmt.Sprintf(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE query = 'LISTEN %s'`, other.channel()))
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
