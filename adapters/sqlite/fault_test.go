package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

func openAt(t *testing.T, path string) *Store {
	t.Helper()
	store, err := Open(t.Context(), path, Options{})
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
		events[i] = domain.Stored{ID: uuid.New(), Type: "A", Data: make([]byte, size)}
	}
	return events
}

func count(t *testing.T, store *Store) (n int) {
	t.Helper()
	for _, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func wantFault(t *testing.T, what string, err, kind error, says string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(fmt.Sprint(err), says) || strings.Contains(fmt.Sprint(err), "\n") {
		t.Errorf("%s: %v; want %q saying %q in one line", what, err, kind, says)
	}
}

func TestFileIsLockedToOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	openAt(t, path)
	_, err := Open(t.Context(), path, Options{})
	wantFault(t, "a second open", err, dbfile.ErrLocked, filepath.Dir(path)+" is in use by another process; stop")
}

func TestOtherFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	database := func(name, sql string) string {
		path := filepath.Join(dir, name)
		conn, err := driver.OpenConn(path, driver.OpenReadWrite|driver.OpenCreate)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(sqlitex.ExecuteScript(conn, sql, nil), conn.Close()); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, is := range []struct {
		path string
		kind error
		says string
	}{
		{write("text", []byte(strings.Repeat("no database ", 1000))), fault.ErrForeign, "is not a database"},
		{database("foreign", "CREATE TABLE t (x)"), fault.ErrForeign, "a database of another program"},
		{
			database("other kind", "CREATE TABLE t (x); PRAGMA application_id=7; PRAGMA user_version=1"),
			fault.ErrForeign, "not a ClickBook event log; choose another directory",
		},
		{
			database("newer", fmt.Sprintf("CREATE TABLE t (x); PRAGMA application_id=%d; PRAGMA user_version=3", kind.ID)),
			fault.ErrNewer, "has format 3 and this version of ClickBook reads up to 2; run a newer version",
		},
		{filepath.Join(dir, "folder"), dbfile.ErrUnusable, "check that it is a file"},
		{filepath.Join(dir, "text", "events.db"), dbfile.ErrUnusable, "cannot create the data directory"},
	} {
		before, _ := os.ReadFile(is.path)
		_, err := Open(t.Context(), is.path, Options{})
		wantFault(t, filepath.Base(is.path), err, is.kind, is.says)
		if after, _ := os.ReadFile(is.path); string(after) != string(before) {
			t.Errorf("%s was changed", is.path)
		}
	}
	empty := openAt(t, write("empty", nil)) // what a crash at the very first moment leaves
	if n := count(t, empty); n != 0 {
		t.Errorf("%d events in an empty file", n)
	}
}

// TestFileOfVersion1IsUpgraded opens a file of version 1 and checks that nothing is lost.
func TestFileOfVersion1IsUpgraded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	first := kind
	first.Version, first.Schema, first.Upgrades = 1, schema, nil
	file, err := dbfile.Open(path, first)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := file.Conn()
	if err != nil {
		t.Fatal(err)
	}
	err = sqlitex.ExecuteScript(conn, `INSERT INTO words (word) VALUES ('client-'), ('A');
		INSERT INTO streams (name) VALUES ('client-1');
		INSERT INTO events VALUES (1, 1, 0, 1, 2, 0, randomblob(16), '{}', '{}')`, nil)
	if err := errors.Join(err, conn.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	store := openAt(t, path)
	if n := count(t, store); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	if err := store.SetMark(t.Context(), "log", "", "mine"); err != nil {
		t.Error(err)
	}
}

// TestFullDiskRefusesAppends lets SQLite run out of pages under load. No event of a refused append may be visible,
// all acknowledged events stay, and the store continues after space is freed.
func TestFullDiskRefusesAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	store := openAt(t, path)
	limit := func(pages int) {
		t.Helper()
		err := store.writer.ask(t.Context(), 0, func(w *writer) error {
			return sqlitex.Execute(w.conn, fmt.Sprintf("PRAGMA max_page_count=%d", pages), &sqlitex.ExecOptions{
				ResultFunc: func(*driver.Stmt) error { return nil },
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(100)
	var mu sync.Mutex
	acknowledged, refused := 0, 0
	var group sync.WaitGroup
	for caller := range 16 {
		group.Go(func() {
			for i := range 20 {
				events := some(3, 2000)
				events[1].Type = fmt.Sprintf("New%d-%d", caller, i) // a word that is undone with its append
				stream := domain.Stream(fmt.Sprintf("category%d-%d", i, caller))
				_, err := store.Append(t.Context(), stream, domain.NoStream, events)
				mu.Lock()
				if err == nil {
					acknowledged += 3
				} else {
					refused++
					wantFault(t, "append", err, fault.ErrFull, "is full, so nothing was saved; free some space and try again")
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if acknowledged == 0 || refused == 0 {
		t.Fatalf("%d events acknowledged, %d appends refused: the disk was never full", acknowledged, refused)
	}
	if n := count(t, store); n != acknowledged {
		t.Errorf("the log has %d events, %d were acknowledged", n, acknowledged)
	}
	limit(1 << 30)
	for caller := range 16 {
		for i := range 20 {
			stream := domain.Stream(fmt.Sprintf("category%d-%d", i, caller))
			events := some(1, 10)
			events[0].Type = "After"
			_, err := store.Append(t.Context(), stream, domain.NoStream, events)
			if errors.Is(err, domain.ErrConflict) {
				continue // it was acknowledged before
			}
			if err != nil {
				t.Fatalf("append after freeing space: %v", err)
			}
			acknowledged++
		}
	}
	if n := count(t, store); n != acknowledged {
		t.Errorf("the log has %d events, %d were acknowledged", n, acknowledged)
	}
	for entry, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: []string{"After"}}) {
		if err != nil || entry.Type != "After" {
			t.Fatalf("a filtered read returned %q, %v", entry.Type, err)
		}
	}
	if err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// damaged returns a log of a thousand events in which part of the file was overwritten.
func damaged(t *testing.T, from, to float64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.db")
	store := openAt(t, path)
	for i := range 200 {
		stream := domain.Stream(fmt.Sprintf("client-%d", i))
		if _, err := store.Append(t.Context(), stream, domain.NoStream, some(5, 900)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size := float64(len(content))
	for i := int(from * size); i < int(to*size); i++ {
		content[i] = 0xA5
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDamagedFileStopsReadsAndAppends checks that a read stops with an error and skips nothing, and that a writer
// that met the damage refuses everything after it.
func TestDamagedFileStopsReadsAndAppends(t *testing.T) {
	const says = "is damaged; stop, keep a copy of it, and restore the last backup"
	_, err := Open(t.Context(), damaged(t, 0.5, 1), Options{})
	wantFault(t, "open with a damaged end", err, fault.ErrDamaged, says)

	store := openAt(t, damaged(t, 0.3, 0.6))
	var last error
	n := 0
	for _, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		last = err
		n++
	}
	wantFault(t, "read", last, fault.ErrDamaged, "is damaged")
	if n >= 1000 {
		t.Errorf("%d events were read from a damaged file", n)
	}
	for _, err := range store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: []string{"B", "A"}}) {
		last = err
	}
	wantFault(t, "read by a filter", last, fault.ErrDamaged, "is damaged")
	wantFault(t, "verify", store.Verify(t.Context()), fault.ErrDamaged, "is damaged (its pages: ")
	err = store.writer.ask(t.Context(), 0, func(w *writer) error {
		return sqlitex.Execute(w.conn, "SELECT count(*) FROM events NOT INDEXED WHERE length(data) = 7", nil)
	})
	wantFault(t, "append", err, fault.ErrDamaged, says)
	_, err = store.Append(t.Context(), "client-new", domain.NoStream, some(1, 10))
	wantFault(t, "the next append", err, fault.ErrDamaged, "the event store stopped after a fault")
}
