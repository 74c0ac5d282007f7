// Package sqlite keeps the event log in one SQLite file. One writer turns what many callers wait for into one
// durable transaction; readers page through the log on connections of their own and never hold it still. It
// refuses to acknowledge what the disk has not, to share its file with another process, and to run SQL of others.
package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/internal/signal"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

// Options tune a store. The zero value is right for a server.
type Options struct {
	// SyncOnClose lets the disk lag behind until Close, which then makes everything durable at once: for
	// simulations and imports that are run again after a power cut. A killed process loses nothing either way.
	SyncOnClose bool
	// Lag is how many acknowledged events may stand in memory only, before one transaction takes them all to the
	// file; they are read like all others. 0, for everybody who must not lose them with the process, up to 1,000.
	Lag      int
	CacheMiB int // page cache of the writer, 256 when 0; it is filled only as far as the log is large
	Readers  int // connections for reading, 4 when 0
	// CheckpointPages is how large the WAL grows before it is moved into the file, 4,000 when 0.
	CheckpointPages int
}

// Store implements domain.EventStore and domain.Snapshots.
type Store struct {
	file    *dbfile.File
	options Options
	conns   []*sqlite.Conn
	writer  *writer
	readers chan *reader
	names   streamNames
	tail    tail
	sketch  *sketch // of the streams that exist, nil where that is not known

	head  atomic.Uint64         // position of the last acknowledged event: durable, unless Options say otherwise
	saved atomic.Uint64         // position of the last event in the file: the head, unless there is a Lag
	words atomic.Pointer[words] // knows every word of what is committed: load it after head, or within a read
	grown signal.Signal
	ended chan struct{} // closed when Close begins

	close  sync.Once
	closed error
}

var (
	_ domain.EventStore = (*Store)(nil)
	_ domain.Snapshots  = (*Store)(nil)
)

// Open locks, makes or checks the file at path and starts the writer. Every error is a sentence that says what to
// do and is of a kind of package dbfile.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return nil, err
	}
	s := &Store{file: file, options: options, ended: make(chan struct{})}
	if err := s.start(); err != nil {
		return nil, errors.Join(err, s.release(), file.Close())
	}
	go s.writer.run()
	return s, nil
}

func (s *Store) start() error {
	synchronous := "FULL"
	if s.options.SyncOnClose {
		synchronous = "OFF"
	}
	conn, err := s.conn("synchronous="+synchronous,
		fmt.Sprintf("wal_autocheckpoint=%d", cmp.Or(s.options.CheckpointPages, checkpointPages)),
		fmt.Sprintf("cache_size=-%d", cmp.Or(s.options.CacheMiB, 256)<<10))
	if err != nil {
		return err
	}
	if s.writer, err = newWriter(s, conn); err != nil {
		return s.file.Fault(err)
	}
	s.readers = make(chan *reader, cmp.Or(s.options.Readers, 4))
	for range cap(s.readers) {
		conn, err := s.conn("query_only=ON", "cache_size=-4096")
		if err != nil {
			return err
		}
		r, err := newReader(s, conn)
		if err != nil {
			return s.file.Fault(err)
		}
		s.readers <- r
	}
	return nil
}

func (s *Store) conn(pragmas ...string) (*sqlite.Conn, error) {
	conn, err := s.file.Conn(pragmas...)
	if err == nil {
		s.conns = append(s.conns, conn)
	}
	return conn, err
}

// Close finishes every append that was asked for, ends subscriptions, and leaves one file without a log beside it.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.ended)
		unsaved := s.writer.stop()
		for range cap(s.readers) {
			<-s.readers // a page that is being read ends soon
		}
		s.closed = errors.Join(unsaved, s.release(), s.file.Sync(), s.file.Close())
	})
	return s.closed
}

// release closes the connections, the writer's last: the last one to close moves the WAL into the file.
func (s *Store) release() (err error) {
	for _, conn := range slices.Backward(s.conns) {
		err = errors.Join(err, s.file.Fault(conn.Close()))
	}
	return err
}

// Head implements domain.LogReader. It is the end of what was acknowledged.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	if err := cmp.Or(ctx.Err(), s.closing()); err != nil {
		return domain.Position{}, fmt.Errorf("head: %w", err)
	}
	return position(s.head.Load()), nil
}

func position(n uint64) domain.Position { return domain.NewPosition(n, 0) }

// closing is domain.ErrStoreClosed as soon as Close has begun.
func (s *Store) closing() error {
	select {
	case <-s.ended:
		return domain.ErrStoreClosed
	default:
		return nil
	}
}

// lend gives work the use of a reading connection.
func (s *Store) lend(ctx context.Context, work func(*reader) error) error {
	if err := s.closing(); err != nil {
		return err
	}
	select {
	case r := <-s.readers:
		defer func() { s.readers <- r }()
		return s.file.Fault(work(r))
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		return domain.ErrStoreClosed
	}
}

// query runs a statement to its end; row is called for each row.
func query(stmt *sqlite.Stmt, row func(*sqlite.Stmt) error) (err error) {
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return err
		}
		if err := row(stmt); err != nil {
			return err
		}
	}
}
