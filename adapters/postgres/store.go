// Package postgres keeps the event log in one schema of a PostgreSQL database, which several processes may share.
// What many callers of a process wait for goes into one durable transaction in one round trip; readers never pass a
// transaction that may still commit. It refuses to acknowledge what the server has not, and to guess by a clock
// whether something is still to come.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/internal/signal"
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	"github.com/clickbook/clickbook/domain"
)

// Options tune a store. The zero value is right for a server.
type Options struct {
	// Lax acknowledges before the disk has it (synchronous_commit off) until Close, which makes everything durable at
	// once: for simulations and imports that are run again when the database server breaks down. Such a breakdown may
	// take back what readers have seen, so nobody else should work with the log meanwhile.
	Lax   bool
	Log   *slog.Logger // where it tells of a server that is away and of readers that are held up; nowhere when nil
	Conns int          // connections for reading, 8 when 0; two more are used for appending and listening
	// Patience is how long an append or a read goes on trying while the server does not answer, 30 s when 0. Then it
	// answers domain.ErrUnavailable.
	Patience time.Duration
}

// Store implements domain.EventStore and domain.Snapshots.
type Store struct {
	schema  *dbschema.Schema
	options Options
	id      string // of this value, to know its own notifications
	base    int64  // what is added to the server's transaction ids, see schema.go
	writer  *writer

	acknowledged atomic.Int64 // the highest transaction whose append was acknowledged here
	grown        signal.Signal
	news         chan struct{} // something is to be told to other processes
	delays       delays
	listening    sync.Once
	trouble      atomic.Pointer[fault.Fault] // why the server did not answer last

	ended   context.Context // ends when Close begins
	end     context.CancelFunc
	running sync.WaitGroup
	close   sync.Once
	closed  error
}

var (
	_ domain.EventStore = (*Store)(nil)
	_ domain.Snapshots  = (*Store)(nil)
)

// CheckURL says what is wrong with a URL that Open would refuse whatever the server says. It connects to nothing.
func CheckURL(url string) error { return dbschema.CheckURL(url, kind) }

// Open connects, makes or checks the schema, and starts the writer. The URL and the errors are those of package
// dbschema.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	options.Patience = cmp.Or(options.Patience, 30*time.Second)
	schema, err := dbschema.Open(ctx, url, kind, dbschema.Options{Conns: options.Conns, Settings: settings})
	if err != nil {
		return nil, err
	}
	s := &Store{schema: schema, options: options, id: uuid.NewString(), news: make(chan struct{}, 1)}
	s.ended, s.end = context.WithCancel(context.Background())
	s.delays.log = options.Log
	if err := s.rebase(ctx); err != nil {
		schema.Close()
		return nil, schema.Fault(err)
	}
	s.writer = newWriter(s)
	s.running.Go(s.writer.run)
	s.running.Go(s.tell)
	return s, nil
}

// Close finishes every append that was asked for, unless the server is away, and ends subscriptions.
func (s *Store) Close() error {
	s.close.Do(func() {
		s.end()
		s.closed = s.writer.stop()
		s.running.Wait()
		s.schema.Close()
	})
	return s.closed
}

// Head implements domain.LogReader.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	ctx, stop := s.within(ctx)
	defer stop()
	at, err := s.present(ctx)
	if err != nil {
		return domain.Position{}, fmt.Errorf("head: %w", s.why(ctx, err))
	}
	return at.head, nil
}

func position(xid int64, seq int32) domain.Position {
	return domain.NewPosition(uint64(xid), uint64(seq))
}

// pair is what position was made of. A position that is none of this log is not before any event of it.
func pair(p domain.Position) (xid, seq int64) {
	major, minor := p.Pair()
	return int64(min(major, 1<<62)), int64(min(minor, 1<<31-1))
}

// within is a context that ends with the store too. stop gives up what it holds.
func (s *Store) within(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if s.ended.Err() != nil {
		cancel(domain.ErrStoreClosed)
	}
	detach := context.AfterFunc(s.ended, func() { cancel(domain.ErrStoreClosed) })
	return ctx, func() {
		detach()
		cancel(nil)
	}
}

// why prefers the reason for which a context of within has ended to what the driver made of it.
func (s *Store) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return cause
	}
	return err
}

// pause waits, unless the context ends.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
