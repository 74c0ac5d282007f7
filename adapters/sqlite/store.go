// Package sqlite keeps the event log in one SQLite file. One writer commits the appends of many callers in one
// durable transaction. Readers page through the log on their own connections and never block the writer. The package
// does not acknowledge what is not on the disk, does not share its file with another process, and does not run SQL of
// others.
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

	"github.com/clickbook/clickbook/adapters/internal/bloom"
	"github.com/clickbook/clickbook/adapters/internal/signal"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

// Options configure a store. The zero value is right for a server.
type Options struct {
	// SyncOnClose leaves syncing to the operating system until Close, which makes everything durable: for simulations
	// and imports that are repeated after a power cut. A killed process loses nothing either way.
	SyncOnClose bool
	// Lag is how many acknowledged events may be in memory only, until one transaction writes them to the file. They are
	// read like all others. At most 1,000; 0 if they must survive the death of the process.
	Lag      int
	CacheMiB int // page cache of the writer, 256 if 0; a small log uses less
	Readers  int // connections for reading, 4 if 0
	// CheckpointPages is the size of the WAL in pages at which it is moved into the file, 4,000 if 0.
	CheckpointPages int
	RecentStreams   int // streams whose ends are remembered, 32,768 if 0
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
	tips    *tips
	known   bloom.Filter   // the streams that exist
	filling sync.WaitGroup // runs while their names are read

	head  atomic.Uint64         // position of the last acknowledged event, which is durable unless Options say otherwise
	saved atomic.Uint64         // position of the last event in the file: the head unless there is a Lag
	words atomic.Pointer[words] // every word of the committed events: load it after head, or within a read
	grown signal.Signal
	ended chan struct{} // closed when Close begins

	close  sync.Once
	closed error
}

var (
	_ domain.EventStore = (*Store)(nil)
	_ domain.Snapshots  = (*Store)(nil)
)

// Open locks the file at path, creates or checks it, and starts the writer. Errors are of the kinds of package
// dbfile, and each says what to do.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return nil, err
	}
	s := &Store{file: file, options: options, tips: newTips(options.RecentStreams), ended: make(chan struct{})}
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

// Close finishes every append that was called before it, ends subscriptions, and leaves one file without a WAL.
func (s *Store) Close() error {
	s.close.Do(func() {
		close(s.ended)
		unsaved := s.writer.stop()
		s.filling.Wait()
		for range cap(s.readers) {
			<-s.readers // reading one page is short
		}
		s.closed = errors.Join(unsaved, s.release(), s.file.Sync(), s.file.Close())
	})
	return s.closed
}

// release closes the connections. The writer comes last, because the last connection to close moves the WAL into the
// file.
func (s *Store) release() (err error) {
	for _, conn := range slices.Backward(s.conns) {
		err = errors.Join(err, s.file.Fault(conn.Close()))
	}
	return err
}

// Head implements domain.LogReader. It returns the position of the last acknowledged event.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	if err := cmp.Or(ctx.Err(), s.closing()); err != nil {
		return domain.Position{}, fmt.Errorf("head: %w", err)
	}
	return position(s.head.Load()), nil
}

func position(n uint64) domain.Position { return domain.NewPosition(n, 0) }

// closing returns domain.ErrStoreClosed once Close has begun.
func (s *Store) closing() error {
	select {
	case <-s.ended:
		return domain.ErrStoreClosed
	default:
		return nil
	}
}

// withReader calls work with a reading connection.
func (s *Store) withReader(ctx context.Context, work func(*reader) error) error {
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

// withStreamReader calls work with a connection for reading one stream. A store with a Lag uses the writer's: it writes
// in the goroutines of its callers, so they wait for each other anyway, and another connection drops its cache after
// each commit.
func (s *Store) withStreamReader(ctx context.Context, work func(*reader) error) error {
	if done, err := s.writer.read(work); done {
		return err
	}
	return s.withReader(ctx, work)
}

// query runs a statement to its end and calls row for each row.
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
