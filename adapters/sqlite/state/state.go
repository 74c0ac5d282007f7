// Package state keeps in one small SQLite file, DIR/state.db, what neither the log nor the read models hold: how far
// each reactor has come, which answer an idempotency key was given, and folded states where the log's own store keeps
// none. All of it speaks of one log, and forgets its places when the log is another (OfLog). Unlike read models it
// cannot be made anew, so every change is synced before it counts (synchronous=FULL). Losing it costs no data: reactors
// begin again and find everything done, and a repeated request is recognised by its events' ids though its first answer
// is gone.
package state

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/domain"
)

// kind tells the file from others: "CBst".
var kind = dbfile.Kind{
	Name: "state file", ID: 0x43427374, Version: 2,
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
) WITHOUT ROWID;` + second,
	Upgrades: []string{second},
}

// second is what version 2 added: which log all this speaks of, and folded states of its streams.
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

// File is an open state file. It may be used from many goroutines.
type File struct {
	file *dbfile.File
	mu   sync.Mutex // holds conn
	conn *sqlite.Conn
	lane lane
}

// Open opens or makes the state file in the data directory. Errors are *fault.Fault.
func Open(dir string) (*File, error) {
	file, err := dbfile.Open(filepath.Join(dir, "state.db"), kind)
	if err != nil {
		return nil, err
	}
	conn, err := file.Conn("synchronous=FULL", "secure_delete=ON", "cache_size=-2048")
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{file: file, conn: conn}, nil
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.conn.Close(), f.file.Close())
}

// LoadCheckpoint is how far a reactor has come, the zero position when it has never been saved.
func (f *File) LoadCheckpoint(ctx context.Context, name string) (position domain.Position, err error) {
	err = f.run(ctx, "SELECT position FROM checkpoints WHERE name = ?", []any{name}, func(stmt *sqlite.Stmt) error {
		position, err = domain.ParsePosition(stmt.ColumnText(0))
		return err
	})
	return position, err
}

// SaveCheckpoint remembers how far a reactor has come.
func (f *File) SaveCheckpoint(ctx context.Context, name string, position domain.Position) error {
	return f.run(ctx, `INSERT INTO checkpoints (name, position) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET position = excluded.position`, []any{name, position.String()}, nil)
}
