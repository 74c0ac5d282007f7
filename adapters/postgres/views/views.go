// Package views keeps read models in one schema of a PostgreSQL database, for the projections that make and read
// them. It knows no question and no event, and promises nothing for ever: the log can make the schema anew at any
// time. Text sorts and compares by its bytes, as it does in SQLite, so that every answer is the same on both.
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
	"github.com/clickbook/clickbook/adapters/postgres/dbschema"
	scratch "github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

var kind = dbschema.Kind{
	Name: "read-model database", Schema: "clickbook_views", Table: "clickbook_views_version", Grows: true,
	Remedy: "stop, drop the schema and start again: it is made anew from the log",
}

// ErrLocked says that another process keeps the read models of a schema.
var ErrLocked = errors.New("in use by another process")

// Options tune how a server that is away is waited for.
type Options struct {
	// Patience is how long a question or a transaction is tried again while the server cannot be reached, 30 s when 0.
	// What is under way when it comes back may be tried for a little longer.
	Patience time.Duration
	Readers  int // queries that run at once, 8 when 0; more wait
}

// DB is a schema of read models. One process at a time may keep them: its writing connection holds a lock that ends
// with it.
type DB struct {
	schema   *dbschema.Schema
	patience time.Duration
	mu       sync.Mutex // holds the writer
	writer   *pgx.Conn  // nil when it was lost
	unclean  string     // the transaction whose dead rows could not all be purged, "" for none
}

var _ projections.Database = (*DB)(nil)

// Open opens or makes the schema that a URL names (see dbschema.Open), "clickbook_views" where it names none. Errors
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

// CheckURL says what is wrong with a URL that Open would refuse whatever the server says. It connects to nothing.
func CheckURL(url string) error { return dbschema.CheckURL(url, kind) }

// Check connects and says why Open would refuse what is there. It writes nothing.
func Check(ctx context.Context, url string) error { return dbschema.Check(ctx, url, kind) }

// Close waits for running queries and lets another process have the schema.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.disconnect()
	db.schema.Close()
	return nil
}

// connect makes the writing connection and takes the lock. A process that was killed has it for as long as its last
// statement takes, so it is waited for a little.
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
			"the read models in %s are kept by another process; stop that one, or name another schema with ?schema=",
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

// Query implements projections.Reader on a connection of the pool. The connection is given back when the loop ends, so
// a loop that asks further questions holds more than one.
func (db *DB) Query(ctx context.Context, sql string, args ...any) iter.Seq2[projections.Row, error] {
	return func(yield func(projections.Row, error) bool) {
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

// Write implements projections.Database. A transaction that the server lost, or gave up in favour of another, is tried
// again for a while. One whose commit got no answer is not: it may be there.
func (db *DB) Write(ctx context.Context, change func(projections.Tx) error) error {
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

// transact runs change between BEGIN and COMMIT; again reports whether it is certain that nothing was kept.
func (db *DB) transact(ctx context.Context, change func(projections.Tx) error) (again bool, err error) {
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
	return false, fault.New(domain.ErrUnavailable, err, "the server did not say whether it kept the last change to "+
		"the read models in %s", db.schema.Where())
}

// rollback takes a transaction back, also when its context has ended. On a connection that is lost there is nothing to
// take back.
func (db *DB) rollback(begun pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := begun.Rollback(ctx); err != nil && !db.writer.IsClosed() {
		db.disconnect()
		return db.schema.Fault(err)
	}
	return nil
}

// patiently calls try until it succeeds, fails for another reason than a server that is away, reports that it must not
// be called again, or patience or ctx ends.
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

// Scratch implements projections.Database: read models are built in SQLite files of this machine, which is faster than
// asking a server row by row, and copied over.
func (db *DB) Scratch() (projections.Scratch, error) {
	made, err := scratch.NewScratchIn("")
	if err != nil {
		return nil, fmt.Errorf("build read models in the directory of temporary files: %w", err)
	}
	return made, nil
}
