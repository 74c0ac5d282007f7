package sqlite

import (
	"context"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Verify checks the whole file: the pages and indexes, by SQLite itself, and the rules of the log. It reads
// everything, which takes seconds per million events. The error says what is wrong.
func (s *Store) Verify(ctx context.Context) error {
	return s.withReader(ctx, func(r *reader) error {
		defer r.conn.SetInterrupt(r.conn.SetInterrupt(ctx.Done()))
		for _, check := range []struct{ what, query string }{
			{"its pages", `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`},
			{"positions are skipped", `SELECT 'the last is ' || max(position) || ' and there are ' || count(*)
				FROM events HAVING max(position) <> count(*)`},
			{"revisions are skipped", `SELECT name FROM streams s JOIN
				(SELECT stream, max(revision) + 1 <> count(*) AS gap FROM events GROUP BY stream) e
				ON e.stream = s.id WHERE gap LIMIT 1`},
			{"an append is incomplete", `SELECT name FROM streams s WHERE EXISTS
				(SELECT 1 FROM events e WHERE e.stream = s.id AND rest > 0 AND NOT EXISTS
				(SELECT 1 FROM events n WHERE n.stream = s.id AND n.revision = e.revision + 1
				AND n.rest = e.rest - 1)) LIMIT 1`},
			{"a stream has no events", `SELECT name FROM streams s
				WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = s.id) LIMIT 1`},
		} {
			err := sqlitex.ExecuteTransient(r.conn, check.query, &sqlitex.ExecOptions{
				ResultFunc: func(stmt *sqlite.Stmt) error {
					found := strings.Join(strings.Fields(stmt.ColumnText(0)), " ")
					return s.file.Damaged(check.what + ": " + found)
				},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
