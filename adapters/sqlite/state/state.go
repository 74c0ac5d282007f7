// Package state keeps in one small SQLite file, DIR/state.db, what neither the log nor the read models hold:
// checkpoints of reactors, replies to repeated requests, sessions and one-time links, calls of webhooks that wait, and
// folded states if the store of the log keeps none. It belongs to one log, and forgets its positions when it is used
// with another (OfLog). It cannot be rebuilt, so every change is synced before it counts (synchronous=FULL).
//
// Losing the file loses nothing of the log. Reactors begin again and find everything done. A repeated request is
// recognised by the ids of its events, although its first reply is gone. Members sign in again, and calls of webhooks
// that waited are not made.
package state

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/adapters/internal/bloom"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

// kind is the state file. The id spells "CBst".
var kind = dbfile.Kind{
	Name: "state file", ID: 0x43427374, Version: 4,
	Remedy: "stop, delete it and start again: no data is lost with it",
	Schema: `
CREATE TABLE checkpoints (
	name     TEXT PRIMARY KEY,
	position TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE answers (
	account   BLOB NOT NULL,
	key       TEXT NOT NULL,
	body_hash BLOB NOT NULL,
	status    INTEGER NOT NULL,
	response  BLOB NOT NULL,
	position  TEXT NOT NULL,
	given_at  INTEGER NOT NULL,
	PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (given_at);
CREATE TABLE poison (
	reactor  TEXT NOT NULL,
	position TEXT NOT NULL,
	stream   TEXT NOT NULL,
	type     TEXT NOT NULL,
	reason   TEXT NOT NULL,
	PRIMARY KEY (reactor, position)
) WITHOUT ROWID;` + second + ";" + third + ";" + deliverySchema,
	Upgrades: []string{second, third, deliverySchema},
}

// second is what version 2 added: the name of the log, and snapshots of its streams.
const second = `
CREATE TABLE log (
	id TEXT NOT NULL
);
CREATE TABLE snapshots (
	stream   TEXT PRIMARY KEY,
	version  INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	state    BLOB NOT NULL
)`

// third is what version 3 added: who is signed in, and what can be used once. Secrets are kept as hashes.
const third = `
CREATE TABLE sessions (
	hash       BLOB PRIMARY KEY,
	id         TEXT NOT NULL,
	account    BLOB NOT NULL,
	member     BLOB NOT NULL,
	role       TEXT NOT NULL,
	how        TEXT NOT NULL,
	agent      TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_member ON sessions (account, member, created_at);
CREATE TABLE secrets (
	hash       BLOB PRIMARY KEY,
	purpose    TEXT NOT NULL,
	account    BLOB NOT NULL,
	member     BLOB NOT NULL,
	data       BLOB NOT NULL,
	expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX secrets_by_member ON secrets (account, member)`

// File is an open state file. It is safe for concurrent use.
type File struct {
	file  *dbfile.File
	mu    sync.Mutex // guards conn
	conn  *sqlite.Conn
	batch batcher

	reads  sync.Mutex // guards reader
	reader *sqlite.Conn

	answered bloom.Filter // the keys that have an answer
	learners sync.WaitGroup
	living   context.Context // of the learners; ends with Close
	end      context.CancelFunc
}

// Open opens or creates the state file in the data directory. Errors are *fault.Fault.
func Open(dir string) (*File, error) {
	file, err := dbfile.Open(filepath.Join(dir, "state.db"), kind)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	f.living, f.end = context.WithCancel(context.Background())
	f.conn, err = file.Conn("synchronous=FULL", "secure_delete=ON", "cache_size=-8192")
	if err == nil {
		f.reader, err = file.Conn("query_only=ON", "cache_size=-2048")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() error {
	f.end()
	f.learners.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads.Lock()
	defer f.reads.Unlock()
	var errs []error
	for _, conn := range []*sqlite.Conn{f.reader, f.conn} {
		if conn != nil {
			errs = append(errs, conn.Close())
		}
	}
	return errors.Join(append(errs, f.file.Close())...)
}

// read runs a query on what is durable. It does not wait for the changes of others.
func (f *File) read(ctx context.Context, sql string, args []any, row func(*sqlite.Stmt) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	f.reads.Lock()
	defer f.reads.Unlock()
	return f.file.Fault(sqlitex.Execute(f.reader, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row}))
}

// LoadCheckpoint returns the checkpoint of a reactor, the zero position if it has none.
func (f *File) LoadCheckpoint(ctx context.Context, name string) (position domain.Position, err error) {
	err = f.read(ctx, "SELECT position FROM checkpoints WHERE name = ?", []any{name}, func(stmt *sqlite.Stmt) error {
		position, err = domain.ParsePosition(stmt.ColumnText(0))
		return err
	})
	return position, err
}

// SaveCheckpoint stores the checkpoint of a reactor.
func (f *File) SaveCheckpoint(ctx context.Context, name string, position domain.Position) error {
	return f.run(ctx, `INSERT INTO checkpoints (name, position) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET position = excluded.position`, []any{name, position.String()}, nil)
}

// Verify checks the pages of the file and the form of its checkpoints.
func (f *File) Verify() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := sqlitex.ExecuteTransient(f.conn,
		"SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
		&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			return f.file.Damaged(stmt.ColumnText(0))
		}})
	if err == nil {
		err = sqlitex.ExecuteTransient(f.conn, "SELECT position FROM checkpoints", &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error {
				_, err := domain.ParsePosition(stmt.ColumnText(0))
				return err
			},
		})
	}
	return f.file.Fault(err)
}
