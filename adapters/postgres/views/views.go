// Package views keeps read models in one schema of a PostgreSQL database, for the projections that write and read
// them. It knows nothing of their tables. The schema can be rebuilt from the log at any time. Text sorts and compares
// by bytes, as in SQLite, so that queries return the same on both.
package views

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/clickbook/clickbook/adapters/internal/fault"
	memory "github.com/clickbook/clickbook/adapters/memory/views"
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	scratch "github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

var kind = dbschema.Kind{
	Name: "read-model database", Schema: "clickbook_views", Table: "clickbook_views_version", Grows: true,
	Remedy: "stop, drop the schema and start again: it is rebuilt from the log",
}

// ErrLocked is the kind of fault if another process keeps the read models of the schema.
var ErrLocked = errors.New("in use by another process")

// Options configure how a server that is away is waited for.
type Options struct {
	// Patience is how long a query or a transaction is retried while the server cannot be reached, 30 s if 0. An attempt
	// that is running at the end of it may take a little longer.
	Patience time.Duration
	Readers  int // queries that run at the same time, 8 if 0; more wait
}

// DB is a schema of read models. One process at a time may keep them: the connection of its writer holds a lock.
type DB struct {
	schema   *dbschema.Schema
	patience time.Duration
	mu       sync.Mutex // guards the writer
	writer   *pgx.Conn  // nil if it was lost
	unclean  string     // the transaction before which dead rows may be left, "" if none are
	room     memory.Room
}

var _ readmodel.Database = (*DB)(nil)

// Open opens or creates the schema that a URL names (see dbschema.Open), "clickbook_views" if it names none. Errors
// are *fault.Fault.
func Open(ctx context.Context, url string, options Options) (*DB, error) {
	schema, err := dbschema.Open(ctx, url, kind, dbschema.Options{Conns: options.Readers})
	if err != nil {
		return nil, err
	}
	db := &DB{schema: schema, patience: options.Patience}
	if db.patience == 0 {
		db.patience = 30 * time.Second
	}
	if err = db.connect(ctx); err == nil {
		err = db.remembered(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// CheckURL returns the fault of a URL that Open would always refuse. It does not connect.
func CheckURL(url string) error { return dbschema.CheckURL(url, kind) }

// Check connects and returns the fault for which Open would refuse the schema. It writes nothing.
func Check(ctx context.Context, url string) error { return dbschema.Check(ctx, url, kind) }

// Close waits for running queries and releases the schema for other processes.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.disconnect()
	db.schema.Close()
	return nil
}

// connect opens the writing connection and takes the lock. A killed process holds the lock until its last statement
// ends, so connect waits for it a little.
func (db *DB) connect(ctx context.Context) error {
	conn, err := db.schema.Conn(ctx)
	if err != nil {
		return err
	}
	db.writer = conn
	_, err = conn.Exec(ctx, "SET lock_timeout = '3s'")
	if err == nil {
		_, err = conn.Exec(ctx, "SELECT pg_advisory_lock(hashtextextended($1, 0))", "clickbook views "+db.schema.Name())
	}
	if err == nil {
		_, err = conn.Exec(ctx, "RESET lock_timeout")
	}
	if err == nil {
		return nil
	}
	db.disconnect()
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "55P03" {
		return fault.New(ErrLocked, nil,
			"the read models in %s are in use by another process; stop that one, or name another schema with ?schema=",
			db.schema.Where())
	}
	return db.schema.Fault(err)
}

func (db *DB) disconnect() {
	if db.writer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = db.writer.Close(ctx) // the server ends the session and its lock in any case
	db.writer = nil
}

// Query implements readmodel.Reader on a connection of the pool. The connection returns to the pool when the loop
// ends, so a loop that makes further queries holds more than one.
func (db *DB) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		given := false
		err := db.patiently(ctx, func() (again bool, err error) {
			rows, err := db.schema.Pool().Query(ctx, sql, values(args)...)
			if err == nil {
				given, err = each(rows, yield)
			}
			return !given, db.schema.Fault(err)
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// Write implements readmodel.Database. It retries a transaction that failed because the server was away or
// cancelled it. It does not retry one whose commit got no reply, because that may have committed.
func (db *DB) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := db.purgeLate(ctx); err != nil {
		return err
	}
	return db.patiently(ctx, func() (again bool, err error) {
		if db.writer == nil || db.writer.IsClosed() {
			if err := db.connect(ctx); err != nil {
				return true, err
			}
		}
		again, err = db.transact(ctx, change)
		if err != nil && db.writer.IsClosed() {
			db.writer = nil
		}
		return again, db.schema.Fault(err)
	})
}

// transact runs change between BEGIN and COMMIT. again reports whether certainly nothing was committed.
func (db *DB) transact(ctx context.Context, change func(readmodel.Tx) error) (again bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	begun, err := db.writer.Begin(ctx)
	if err != nil {
		return true, err
	}
	t := &tx{db: db, conn: db.writer}
	if err = change(t); err == nil {
		err = t.flush(ctx)
	}
	if err != nil {
		return true, errors.Join(err, db.rollback(begun))
	}
	if err = begun.Commit(ctx); err == nil {
		return false, nil
	}
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Severity == "ERROR" || errors.Is(err, pgx.ErrTxCommitRollback) {
		return true, err
	}
	return false, fault.New(domain.ErrUnavailable, err, "the server did not confirm the last change to "+
		"the read models in %s", db.schema.Where())
}

// rollback rolls a transaction back, even if its context has ended. A lost connection has nothing to roll back.
func (db *DB) rollback(begun pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := begun.Rollback(ctx); err != nil && !db.writer.IsClosed() {
		db.disconnect()
		return db.schema.Fault(err)
	}
	return nil
}

// patiently calls try until it succeeds, fails although the server is there, or reports that it must not be called
// again, or until patience or ctx ends.
func (db *DB) patiently(ctx context.Context, try func() (again bool, err error)) error {
	var last error
	final := false
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		again, err := try()
		last = err
		if err != nil && (!again || !errors.Is(err, domain.ErrUnavailable)) {
			final = true
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithMaxElapsedTime(db.patience), backoff.WithBackOff(&backoff.ExponentialBackOff{
		InitialInterval: 20 * time.Millisecond, Multiplier: 2, MaxInterval: time.Second,
	}))
	if err != nil && !final && ctx.Err() != nil {
		return errors.Join(ctx.Err(), last) // not only that ctx ended, but what went wrong until then
	}
	return err
}

// Scratch implements readmodel.Database. Read models are built in memory and then copied, which is faster than
// querying a server row by row. Rows that do not fit go to a SQLite file on this machine.
func (db *DB) Scratch() (readmodel.Scratch, error) {
	return memory.NewScratch(memory.Options{Room: &db.room, Text: storable, Disk: func() (readmodel.Scratch, error) {
		made, err := scratch.NewScratchIn("")
		if err != nil {
			return nil, fmt.Errorf("build read models in the directory of temporary files: %w", err)
		}
		return made, nil
	}}), nil
}
