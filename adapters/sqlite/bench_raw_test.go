package sqlite

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"
	driver "zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/adapters/storetest/storebench"
)

const (
	benchCallers = 64
	benchRound   = 20_000 // events in a round
)

// seededDir is removed by TestMain.
var seededDir string

// seedOnce creates the log that each benchmark copies.
var seedOnce struct {
	sync.Once
	path string
	err  error
}

func makeSeed(events int) (_ string, err error) {
	if seededDir, err = os.MkdirTemp("", "clickbook-bench"); err != nil {
		return "", err
	}
	path := filepath.Join(seededDir, "seed.db")
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return "", err
	}
	defer file.Close()
	conn, err := file.Conn("synchronous=OFF", "cache_size=-262144")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	bare := newBare(conn)
	for bare.position < int64(events) {
		if err := bare.round(10_000, 1000); err != nil {
			return "", err
		}
	}
	return path, nil
}

// seed copies the seeded log, which is created once per run.
func seed(b *testing.B) string {
	b.Helper()
	events := storebench.Seed(b, 500_000)
	seedOnce.Do(func() { seedOnce.path, seedOnce.err = makeSeed(events) })
	if seedOnce.err != nil {
		b.Fatal(seedOnce.err)
	}
	path := filepath.Join(b.TempDir(), "events.db")
	in, err := os.Open(seedOnce.path)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

// bare is the limit: a single loop that knows everything in advance and has no callers.
type bare struct {
	conn                          *driver.Conn
	begin, commit, stream, insert *driver.Stmt
	position                      int64
	streams                       [benchCallers]struct{ id, next int64 }
}

func newBare(conn *driver.Conn) *bare {
	l := &bare{
		conn: conn, begin: conn.Prep("BEGIN IMMEDIATE"), commit: conn.Prep("COMMIT"),
		stream: conn.Prep("INSERT INTO streams (name) VALUES (?)"),
		insert: conn.Prep(`INSERT INTO events (position, stream, revision, category, type, rest, id, data, meta)
			VALUES (?, ?, ?, 1, 1, 0, ?, ?, ?)`),
	}
	last := conn.Prep("SELECT coalesce(max(position), 0) FROM events")
	if _, err := last.Step(); err != nil {
		panic(err)
	}
	l.position = last.ColumnInt64(0)
	if err := last.Reset(); err != nil {
		panic(err)
	}
	if l.position == 0 {
		if err := exec(conn.Prep("INSERT INTO words (word) VALUES ('message-'), ('SmsSent')")); err != nil {
			panic(err)
		}
	}
	return l
}

// round inserts n events in groups, one event of each of 64 streams in turn.
func (l *bare) round(n, group int) error {
	for done := 0; done < n; done += group {
		if err := exec(l.begin); err != nil {
			return err
		}
		for i := range min(group, n-done) {
			if err := l.one((done + i) % benchCallers); err != nil {
				return err
			}
		}
		if err := exec(l.commit); err != nil {
			return err
		}
	}
	return nil
}

func (l *bare) one(caller int) error {
	s := &l.streams[caller]
	if s.next%storebench.StreamLength == 0 {
		l.stream.BindText(1, string(storebench.NewStream()))
		if err := exec(l.stream); err != nil {
			return err
		}
		s.id, s.next = l.conn.LastInsertRowID(), 0
	}
	l.position++
	id := uuid.New()
	l.insert.BindInt64(1, l.position)
	l.insert.BindInt64(2, s.id)
	l.insert.BindInt64(3, s.next)
	l.insert.BindBytes(4, id[:])
	l.insert.BindBytes(5, storebench.Data)
	l.insert.BindBytes(6, storebench.Meta)
	s.next++
	return exec(l.insert)
}

func openBench(b *testing.B, path string) *Store {
	b.Helper()
	store, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	return store
}

func openBare(b *testing.B, path string) *bare {
	b.Helper()
	file, err := dbfile.Open(path, kind)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := file.Conn("synchronous=FULL", fmt.Sprintf("wal_autocheckpoint=%d", checkpointPages),
		"cache_size=-262144")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		conn.Close()
		file.Close()
	})
	return newBare(conn)
}
