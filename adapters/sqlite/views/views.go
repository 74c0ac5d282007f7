// Package views keeps read models in one SQLite file, DIR/views.db, for the projections that write and read them. It
// knows nothing of their tables. The file can be rebuilt from the log at any time.
package views

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	memory "github.com/clickbook/clickbook/adapters/memory/views"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// kind is the read-model file. The id spells "CBvw".
var kind = dbfile.Kind{
	Name: "read-model database", ID: 0x43427677, Version: 1, PageSize: 4096,
	Remedy: "stop, delete it and start again: it is rebuilt from the log",
}

// readers is how many queries run at the same time; more wait.
const readers = 4

// DB is the read-model database DIR/views.db. It can be rebuilt from the log, so it is not synced at every commit:
// with synchronous=NORMAL a power cut costs the last transactions and their checkpoints, never the file. Overwritten
// and deleted data is zeroed (secure_delete), because names of erased clients must leave the file.
type DB struct {
	file    *dbfile.File
	mu      sync.Mutex // guards the writer
	writer  *connection
	pool    chan *connection
	size    int  // connections of the pool
	unclean bool // a reader prevented the last purge
	room    memory.Room
}

var _ readmodel.Database = (*DB)(nil)

// Open opens or creates the read-model database at path (DIR/views.db). Errors are *fault.Fault.
func Open(path string) (*DB, error) {
	file, err := dbfile.Open(path, kind)
	if err != nil {
		return nil, err
	}
	db := &DB{file: file, pool: make(chan *connection, readers)}
	db.writer, err = connect(file, "synchronous=NORMAL", "secure_delete=ON", "cache_size=-65536",
		"wal_autocheckpoint=2000", "temp_store=MEMORY")
	for range readers {
		if err != nil {
			break
		}
		var conn *connection
		if conn, err = connect(file, "query_only=ON", "cache_size=-8192", "temp_store=MEMORY"); err == nil {
			db.pool <- conn
			db.size++
		}
	}
	if err == nil {
		err = db.Purge(context.Background()) // what a killed process left in the write-ahead log
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func connect(file *dbfile.File, pragmas ...string) (*connection, error) {
	conn, err := file.Conn(pragmas...)
	if err != nil {
		return nil, err
	}
	return newConnection(conn), nil
}

// Close waits for running queries and closes the file.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	if db.writer != nil {
		errs = append(errs, db.writer.Close())
	}
	for ; db.size > 0; db.size-- {
		errs = append(errs, (<-db.pool).Close())
	}
	return errors.Join(append(errs, db.file.Close())...)
}

// Query implements readmodel.Reader on a connection of the pool. The connection returns to the pool when the loop
// ends, so a loop that makes further queries holds more than one.
func (db *DB) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		var conn *connection
		select {
		case conn = <-db.pool:
		case <-ctx.Done():
			yield(nil, fmt.Errorf("query: %w", ctx.Err()))
			return
		}
		conn.SetInterrupt(ctx.Done())
		defer func() {
			conn.SetInterrupt(nil)
			db.pool <- conn
		}()
		conn.query(ctx, db.file, sql, args, yield)
	}
}

// Write implements readmodel.Database. Writers queue. Readers see the state before the transaction until it
// commits.
func (db *DB) Write(ctx context.Context, change func(readmodel.Tx) error) (err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.unclean {
		if err := db.purge(); err != nil {
			return err
		}
	}
	return transact(ctx, db.file, db.writer, change)
}

// Purge implements readmodel.Database. It moves the write-ahead log into the file and truncates it. If a reader
// prevents that for seconds, the next write tries again.
func (db *DB) Purge(context.Context) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.purge()
}

func (db *DB) purge() error {
	db.writer.SetBusyTimeout(2 * time.Second)
	defer db.writer.SetBlockOnBusy()
	db.unclean = true
	err := sqlitex.Execute(db.writer.Conn, "PRAGMA wal_checkpoint(TRUNCATE)", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			db.unclean = stmt.ColumnInt(0) != 0
			return nil
		},
	})
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultBusy {
		return nil
	}
	return db.file.Fault(err)
}

// Scratch implements readmodel.Database. Rows that do not fit in memory go to a file in the same directory, on the same
// disk.
func (db *DB) Scratch() (readmodel.Scratch, error) {
	return inMemory(&db.room, filepath.Dir(db.file.Path())), nil
}

// transact runs change between BEGIN and COMMIT.
func transact(
	ctx context.Context, file *dbfile.File, conn *connection, change func(readmodel.Tx) error,
) (err error) {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	// A transaction is not interrupted while it commits, which is short.
	end, err := sqlitex.ImmediateTransaction(conn.Conn)
	if err != nil {
		return file.Fault(err)
	}
	err = change(tx{file, conn})
	end(&err)
	return file.Fault(err)
}

// tx is the writer inside a transaction.
type tx struct {
	file *dbfile.File
	conn *connection
}

func (t tx) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) { t.conn.query(ctx, t.file, sql, args, yield) }
}

func (t tx) Exec(ctx context.Context, sql string, args ...any) (err error) {
	t.conn.query(ctx, t.file, sql, args, func(_ readmodel.Row, failed error) bool {
		err = failed
		return err == nil
	})
	return err
}

// Create creates a table whose rows are stored in the tree of their key, which saves a second tree.
func (t tx) Create(ctx context.Context, table readmodel.Table) error {
	err := t.Exec(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s, PRIMARY KEY (%s)) WITHOUT ROWID",
		table.Name, table.Columns, table.Key))
	for i, columns := range slices.Concat(table.Indexes, table.WriteIndexes) {
		if err != nil {
			break
		}
		err = t.Exec(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s_%d ON %s %s",
			strings.ToLower(table.Name), i+1, table.Name, columns))
	}
	return err
}

// Drop deletes all rows first. That takes half the time: a statement that changes the schema keeps a copy of every page
// that it changes, until it is over.
func (t tx) Drop(ctx context.Context, table string) error {
	is, err := t.exists(ctx, table)
	if err == nil && is {
		err = t.Exec(ctx, "DELETE FROM "+table)
	}
	if err == nil && is {
		err = t.Exec(ctx, "DROP TABLE "+table)
	}
	return err
}

func (t tx) exists(ctx context.Context, table string) (bool, error) {
	read := func(row readmodel.Row) (int64, error) { return row.Int(0), nil }
	_, is, err := readmodel.One(ctx, t, read, `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1`, table)
	return is, err
}
