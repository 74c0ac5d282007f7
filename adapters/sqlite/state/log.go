package state

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/domain"
)

// OfLog sets the log that the file belongs to, by the name that the store of the log gave it. If it belonged to
// another log, for example before a copy to another store, its positions mean nothing in this one: OfLog deletes
// checkpoints, poison and snapshots, so that reactors begin again, and stored answers wait for no position. A file
// that belongs to no log yet keeps its content.
func (f *File) OfLog(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("state file: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file.Fault(f.ofLog(id))
}

func (f *File) ofLog(id string) (err error) {
	end, err := sqlitex.ImmediateTransaction(f.conn)
	if err != nil {
		return err
	}
	defer end(&err)
	var before string
	err = sqlitex.Execute(f.conn, "SELECT id FROM log", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		before = stmt.ColumnText(0)
		return nil
	}})
	if err != nil || before == id {
		return err
	}
	changes := []string{"DELETE FROM log"}
	if before != "" {
		changes = append(changes, "DELETE FROM checkpoints", "DELETE FROM poison", "DELETE FROM snapshots",
			"UPDATE answers SET position = '"+domain.Position{}.String()+"'")
	}
	for _, change := range changes {
		if err := sqlitex.Execute(f.conn, change, nil); err != nil {
			return err
		}
	}
	return sqlitex.Execute(f.conn, "INSERT INTO log (id) VALUES (?)", &sqlitex.ExecOptions{Args: []any{id}})
}

// SaveSnapshot implements domain.Snapshots, for stores that keep none.
func (f *File) SaveSnapshot(
	ctx context.Context, stream domain.Stream, version int, revision domain.Revision, state []byte,
) error {
	return f.run(ctx, `INSERT INTO snapshots (stream, version, revision, state) VALUES (?, ?, ?, ?)
		ON CONFLICT (stream) DO UPDATE SET
			version = excluded.version, revision = excluded.revision, state = excluded.state`,
		[]any{string(stream), version, int64(revision), state}, nil)
}

// LoadSnapshot implements domain.Snapshots.
func (f *File) LoadSnapshot(
	ctx context.Context, stream domain.Stream, version int,
) (revision domain.Revision, state []byte, err error) {
	revision = domain.NoStream
	err = f.read(ctx, "SELECT revision, state FROM snapshots WHERE stream = ? AND version = ?",
		[]any{string(stream), version}, func(stmt *sqlite.Stmt) error {
			revision, state = domain.Revision(stmt.ColumnInt64(0)), blob(stmt, 1)
			return nil
		})
	return revision, state, err
}
