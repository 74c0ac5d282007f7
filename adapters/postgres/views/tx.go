package views

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// maxQueued limits the statements that are sent together.
const maxQueued = 500

// tx is the writer inside a transaction. It queues statements that change rows and sends them together, because a
// round trip for each would take longer than the work.
type tx struct {
	db    *DB
	conn  *pgx.Conn
	queue pgx.Batch
}

func (t *tx) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		err := t.flush(ctx)
		if err == nil {
			var rows pgx.Rows
			if rows, err = t.conn.Query(ctx, sql, values(args)...); err == nil {
				_, err = each(rows, yield)
			}
		}
		if err != nil {
			yield(nil, t.db.schema.Fault(err))
		}
	}
}

// Exec queues statements that change rows. It runs others at once, because later statements may need the tables they
// create.
func (t *tx) Exec(ctx context.Context, sql string, args ...any) error {
	if !changesRows.MatchString(sql) {
		return t.now(ctx, sql)
	}
	t.queue.Queue(sql, values(args)...)
	if t.queue.Len() < maxQueued {
		return nil
	}
	return t.flush(ctx)
}

var changesRows = regexp.MustCompile(`^\s*(INSERT|UPDATE|DELETE)\s`)

// now runs a statement without arguments.
func (t *tx) now(ctx context.Context, sql string) error {
	err := t.flush(ctx)
	if err == nil {
		_, err = t.conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	}
	return t.db.schema.Fault(err)
}

// flush sends the queue and waits for the results.
func (t *tx) flush(ctx context.Context) error {
	if t.queue.Len() == 0 {
		return nil
	}
	err := t.conn.SendBatch(ctx, &t.queue).Close() // it returns the first error
	t.queue = pgx.Batch{}
	return t.db.schema.Fault(err)
}

// Create creates a table. Its text compares byte by byte, whatever the collation of the database is.
func (t *tx) Create(ctx context.Context, table readmodel.Table) error {
	columns := textColumn.ReplaceAllString(table.Columns, `TEXT COLLATE "C"`)
	err := t.now(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s, PRIMARY KEY (%s))", table.Name, columns, table.Key))
	for i, columns := range slices.Concat(table.Indexes, table.WriteIndexes) {
		if err != nil {
			break
		}
		err = t.now(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s_%d ON %s %s",
			strings.ToLower(table.Name), i+1, table.Name, columns))
	}
	return err
}

// Drop implements readmodel.Tx.
func (t *tx) Drop(ctx context.Context, table string) error {
	return t.now(ctx, "DROP TABLE IF EXISTS "+table)
}

var textColumn = regexp.MustCompile(`\bTEXT\b`)

// Fill copies rows in the binary format of COPY. They are frozen, so that no vacuum has to visit them later. It then
// analyses the table, because the first query may come before autovacuum does.
func (t *tx) Fill(ctx context.Context, table readmodel.Table, rows iter.Seq2[readmodel.Row, error]) error {
	if err := t.flush(ctx); err != nil {
		return err
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	from := &tuples{next: next}
	_, err := t.conn.PgConn().CopyFrom(ctx, from, "COPY "+table.Name+" FROM STDIN (FORMAT binary, FREEZE)")
	if from.err != nil {
		return from.err
	}
	if err != nil {
		return t.db.schema.Fault(err)
	}
	return t.now(ctx, "ANALYZE "+table.Name)
}
