package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/domain"
)

// SaveSnapshot implements domain.Snapshots. It keeps the last snapshot of each stream.
func (s *Store) SaveSnapshot(
	ctx context.Context, stream domain.Stream, version int, revision domain.Revision, state []byte,
) error {
	err := s.writer.ask(ctx, len(state), func(w *writer) error {
		w.mustSave = w.mustSave || w.reader == nil // without a Lag, LoadSnapshot reads the file
		return sqlitex.Execute(w.conn, `INSERT INTO snapshots (stream, version, revision, state) VALUES (?, ?, ?, ?)
			ON CONFLICT (stream) DO UPDATE SET
				version = excluded.version, revision = excluded.revision, state = excluded.state`,
			&sqlitex.ExecOptions{Args: []any{string(stream), version, int64(revision), state}})
	})
	if err != nil {
		return fmt.Errorf("save snapshot of %s: %w", stream, err)
	}
	return nil
}

// LoadSnapshot implements domain.Snapshots.
func (s *Store) LoadSnapshot(
	ctx context.Context, stream domain.Stream, version int,
) (revision domain.Revision, state []byte, err error) {
	revision = domain.NoStream
	err = s.withStreamReader(ctx, func(r *reader) error {
		return sqlitex.Execute(r.conn, "SELECT revision, state FROM snapshots WHERE stream = ? AND version = ?",
			&sqlitex.ExecOptions{Args: []any{string(stream), version}, ResultFunc: func(stmt *sqlite.Stmt) error {
				revision = domain.Revision(stmt.ColumnInt64(0))
				state = make([]byte, stmt.ColumnLen(1))
				stmt.ColumnBytes(1, state)
				return nil
			}})
	})
	if err != nil {
		return domain.NoStream, nil, fmt.Errorf("load snapshot of %s: %w", stream, err)
	}
	return revision, state, nil
}
