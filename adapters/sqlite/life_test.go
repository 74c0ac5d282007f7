package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	driver "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

func TestSynchronousFollowsTheOptions(t *testing.T) {
	for options, want := range map[Options]string{{}: "wal 2", {SyncOnClose: true}: "wal 0"} {
		store, err := Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), options)
		if err != nil {
			t.Fatal(err)
		}
		var mode string
		var level int64
		for pragma, row := range map[string]func(*driver.Stmt) error{
			"PRAGMA journal_mode": func(stmt *driver.Stmt) error { mode = stmt.ColumnText(0); return nil },
			"PRAGMA synchronous":  func(stmt *driver.Stmt) error { level = stmt.ColumnInt64(0); return nil },
		} {
			err := store.writer.ask(t.Context(), 0, func(w *writer) error {
				return sqlitex.Execute(w.conn, pragma, &sqlitex.ExecOptions{ResultFunc: row})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := fmt.Sprint(mode, " ", level); got != want {
			t.Errorf("%+v: %s, want %s", options, got, want)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWALShrinksAfterALongRead keeps a read open, so that the WAL grows, and then ends it. The writer must not block
// meanwhile.
func TestWALShrinksAfterALongRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	store, err := Open(t.Context(), path, Options{CheckpointPages: 100, SyncOnClose: true})
	if err != nil {
		t.Fatal(err)
	}
	const limit = 4 << 20
	n := 0
	work := func() int64 {
		t.Helper()
		for range walLookEvery {
			stream := domain.Stream(fmt.Sprintf("client-%d", n))
			if _, err := store.Append(t.Context(), stream, domain.NoStream, some(1, 8000)); err != nil {
				t.Fatal(err)
			}
			n++
		}
		// The writer checks the WAL after it has released the last of them, and before it releases the next caller.
		err := store.writer.ask(t.Context(), 0, func(*writer) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	err = store.writer.ask(t.Context(), 0, func(w *writer) error { w.walLimit = limit; return nil })
	if err != nil {
		t.Fatal(err)
	}
	conn, err := store.file.Conn()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(exec(conn.Prep("BEGIN")), exec(conn.Prep("SELECT count(*) FROM events"))); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if size := work(); size < limit {
			t.Errorf("the WAL has only %d bytes while a read is open", size)
		}
	}
	if err := errors.Join(exec(conn.Prep("ROLLBACK")), conn.Close()); err != nil {
		t.Fatal(err)
	}
	if size := work(); size > limit {
		t.Errorf("the WAL still has %d bytes, more than %d", size, limit)
	}
	if got := count(t, store); got != n {
		t.Errorf("%d events, want %d", got, n)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCloseFinishesPendingAppends closes the store during many appends.
func TestCloseFinishesPendingAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	store := openAt(t, path)
	acknowledged := storetest.CloseUnderLoad(t, store)
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the WAL is still there: %v", err)
	}
	store = openAt(t, path)
	if n := count(t, store); n != acknowledged {
		t.Errorf("the log has %d events, %d were acknowledged", n, acknowledged)
	}
}
