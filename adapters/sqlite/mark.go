package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/domain"
)

// Mark implements domain.Marks.
func (s *Store) Mark(ctx context.Context, name string) (value string, err error) {
	err = s.withReader(ctx, func(r *reader) (err error) {
		value, err = markOf(r.conn, name)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("mark %s: %w", name, err)
	}
	return value, nil
}

// SetMark implements domain.Marks. The writer does it like an append.
func (s *Store) SetMark(ctx context.Context, name, before, after string) error {
	err := domain.CheckMark(name, before, after)
	if err != nil {
		return err
	}
	var refused error
	err = s.writer.ask(ctx, 0, func(w *writer) error {
		now, fault := markOf(w.conn, name)
		switch {
		case fault != nil:
			return fault
		case now != before && now != after:
			refused = fmt.Errorf("the value is %q, not %q: %w", now, before, domain.ErrConflict)
			return nil
		}
		w.mustSave = true // marks are read from the file
		return sqlitex.Execute(w.conn, `INSERT INTO marks (name, value) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, &sqlitex.ExecOptions{Args: []any{name, after}})
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return fmt.Errorf("mark %s: %w", name, err)
	}
	return nil
}

func markOf(conn *sqlite.Conn, name string) (value string, err error) {
	err = sqlitex.Execute(conn, "SELECT value FROM marks WHERE name = ?", &sqlitex.ExecOptions{
		Args: []any{name},
		ResultFunc: func(stmt *sqlite.Stmt) error {
			value = stmt.ColumnText(0)
			return nil
		},
	})
	return value, err
}
