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

// Scratch is a read-model database of one process and one user at a time, for those who ask the same few questions
// at every step. Its file is deleted as soon as it is made, so that nothing of it outlives the process, and has no
// log beside it, so that a step costs little. It cannot take a Write back: when one fails, it is of no use any more
// and says so.
type Scratch struct {
	mu   sync.Mutex
	conn *sqlite.Conn
	dir  string
	file dbfile.File // names nothing; it puts faults into words
	torn error       // the first error of a Write
}

var _ readmodel.Database = (*Scratch)(nil)

// NewScratch makes an empty one for small steps.
func NewScratch() (*Scratch, error) {
	return newScratch("", 2048, 8) // pages of 2 KiB, because a larger one costs the allocator a system call
}

// NewScratchIn makes an empty one for large steps, with its file in a directory, "" for that of temporary files.
func NewScratchIn(dir string) (*Scratch, error) { return newScratch(dir, 4096, 64) }

// Scratch implements projections.Database.
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

// Close gives everything up.
func (s *Scratch) Close() error { return s.conn.Close() }

// Query implements projections.Reader. The loop over an answer must not ask or write anything else.
func (s *Scratch) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		query(ctx, &s.file, s.conn, sql, args, yield)
	}
}

// Write implements projections.Database, but for taking back.
func (s *Scratch) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.torn == nil {
		s.torn = transact(ctx, &s.file, s.conn, change)
	}
	return s.torn
}

// Purge implements projections.Database: there is nothing that could be left in a file.
func (*Scratch) Purge(context.Context) error { return nil }
