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

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Scratch is a temporary read-model database for one process and one user at a time. Its file is deleted as soon as
// it is created, so that nothing survives the process, and has no journal, which makes small writes fast. It cannot
// roll back: after a failed Write it returns that error for every later one.
type Scratch struct {
	mu     sync.Mutex
	conn   *sqlite.Conn
	dir    string
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
func (s *Scratch) Scratch() (readmodel.Scratch, error) { return NewScratchIn(s.dir) }

func newScratch(in string, page, cacheMiB int) (*Scratch, error) {
	dir, err := os.MkdirTemp(in, "clickbook-scratch-")
	if err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(filepath.Join(dir, "scratch.db"), sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for _, pragma := range []string{
		fmt.Sprintf("page_size=%d", page), fmt.Sprintf("cache_size=%d", -1024*cacheMiB), "temp_store=MEMORY",
		"locking_mode=EXCLUSIVE", "journal_mode=OFF", "synchronous=OFF",
	} {
		err = errors.Join(err, sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, nil))
	}
	if err = errors.Join(err, os.RemoveAll(dir)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &Scratch{conn: conn, dir: in}, nil
}

// Close closes the database and frees its space.
func (s *Scratch) Close() error { return s.conn.Close() }

// Query implements readmodel.Reader. The loop over the rows must not query or write.
func (s *Scratch) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		query(ctx, &s.file, s.conn, sql, args, yield)
	}
}

// Write implements readmodel.Database, except that it cannot roll back.
func (s *Scratch) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = transact(ctx, &s.file, s.conn, change)
	}
	return s.failed
}

// Purge implements readmodel.Database. It does nothing, because no file outlives the process.
func (*Scratch) Purge(context.Context) error { return nil }
