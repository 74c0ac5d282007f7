// Package postgres keeps the event log in one schema of a PostgreSQL database, which several processes may share.
// Concurrent appends of a process are committed in one durable transaction and one round trip. Readers never pass a
// transaction that may still commit. The package does not acknowledge what the server has not, and does not use a
// clock to guess whether an event is still to come.
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
	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	"github.com/clickbook/clickbook/adapters/internal/signal"
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	"github.com/clickbook/clickbook/domain"
)

// Options configure a store. The zero value is right for a server.
type Options struct {
	// Lax acknowledges before the data is on the disk (synchronous_commit off) until Close, which makes everything
	// durable: for simulations and imports that are repeated if the database server crashes. A crash may remove events
	// that readers have seen, so nobody else should use the log meanwhile.
	Lax   bool
	Log   *slog.Logger // for a server that is away and readers that have to wait; nil discards
	Conns int          // connections for reading, 8 if 0; three more append and listen
	// Patience is how long an append or a read is retried while the server does not reply, 30 s if 0. Then it returns
	// domain.ErrUnavailable.
	Patience time.Duration
}

// Store implements domain.EventStore and domain.Snapshots.
type Store struct {
	schema  *dbschema.Schema
	options Options
	id      string // of this store, to recognise its own notifications
	base    int64  // is added to the server's transaction ids, see rebase
	writer  *writer
	spare   chan *pgx.Conn // of blocks that have ended

	acknowledged atomic.Int64 // the highest transaction that this store has acknowledged
	grown        signal.Signal
	news         chan struct{} // there is something to notify other processes of
	delays       delays
	listening    sync.Once
	trouble      atomic.Pointer[fault.Fault] // why the server did not reply last

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

// CheckURL returns the fault of a URL that Open would always refuse. It does not connect.
func CheckURL(url string) error { return dbschema.CheckURL(url, kind) }

// Open connects, creates or checks the schema, and starts the writer. The URL and the errors are those of package
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
	s := &Store{
		schema: schema, options: options, id: uuid.NewString(), news: make(chan struct{}, 1), spare: make(chan *pgx.Conn, 2),
	}
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

// Close finishes every append that was called before it, unless the server is away, and ends subscriptions.
func (s *Store) Close() error {
	s.close.Do(func() {
		s.end()
		s.closed = s.writer.stop()
		s.running.Wait()
		for len(s.spare) > 0 {
			hangUp(<-s.spare)
		}
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

// pair is the inverse of position. A position of another log comes after every event of this one.
func pair(p domain.Position) (xid, seq int64) {
	major, minor := p.Pair()
	return int64(min(major, 1<<62)), int64(min(minor, 1<<31-1))
}

// within returns a context that also ends when the store is closed. stop releases its resources.
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

// why returns the reason why a context of within ended, if it did, and otherwise err.
func (s *Store) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return cause
	}
	return err
}

// pause waits, and returns early with the cause if ctx ends.
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
