package views

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	memory "github.com/clickbook/clickbook/adapters/memory/views"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Scratch is a temporary read-model database for one process and one user at a time. Its file is deleted as soon as
// it is created, so that nothing survives the process. It has no journal and is one transaction until Close, so pages
// are written only when the cache is full. It cannot roll back: after a failed Write it returns that error for every
// later one.
type Scratch struct {
	mu     sync.Mutex
	conn   *connection
	dir    string
	room   memory.Room
	file   dbfile.File // without a path; it only translates faults
	failed error       // the first error of a Write
}

var _ readmodel.Database = (*Scratch)(nil)

// NewScratch creates an empty database for small writes.
func NewScratch() (*Scratch, error) {
	return newScratch("", 2048, 8) // 2 KiB, because a larger page costs the allocator a system call
}

// NewScratchIn creates an empty database for large writes. Its file is in dir, or in the directory for temporary
// files if dir is empty.
func NewScratchIn(dir string) (*Scratch, error) { return newScratch(dir, 4096, 64) }

// Scratch implements readmodel.Database.
func (s *Scratch) Scratch() (readmodel.Scratch, error) { return inMemory(&s.room, s.dir), nil }

// inMemory returns a database in memory for building read models. What does not fit goes to a file in dir.
func inMemory(room *memory.Room, dir string) readmodel.Scratch {
	return memory.NewScratch(memory.Options{
		Room: room, Disk: func() (readmodel.Scratch, error) { return NewScratchIn(dir) },
	})
}

func newScratch(in string, page, cacheMiB int) (*Scratch, error) {
	dir, err := os.MkdirTemp(in, "clickbook-scratch-")
	if err != nil {
		return nil, err
	}
	conn, err := dbfile.OpenConn(filepath.Join(dir, "scratch.db"), sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for _, pragma := range []string{
		fmt.Sprintf("page_size=%d", page), fmt.Sprintf("cache_size=%d", -1024*cacheMiB), "temp_store=MEMORY",
		"locking_mode=EXCLUSIVE", "journal_mode=OFF", "synchronous=OFF",
	} {
		err = errors.Join(err, sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, nil))
	}
	err = errors.Join(err, sqlitex.ExecuteTransient(conn, "BEGIN IMMEDIATE", nil), os.RemoveAll(dir))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &Scratch{conn: newConnection(conn), dir: in}, nil
}

// Close closes the database and frees its space.
func (s *Scratch) Close() error { return s.conn.Close() }

// Query implements readmodel.Reader. The loop over the rows must not query or write.
func (s *Scratch) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conn.query(ctx, &s.file, sql, args, yield)
	}
}

// Write implements readmodel.Database, except that it cannot roll back.
func (s *Scratch) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = ctx.Err()
	}
	if s.failed == nil {
		s.failed = s.file.Fault(change(tx{&s.file, s.conn}))
	}
	return s.failed
}

// Purge implements readmodel.Database. It does nothing, because no file outlives the process.
func (*Scratch) Purge(context.Context) error { return nil }
