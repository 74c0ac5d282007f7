// Package projections answers the questions people ask, from tables that the event log can always make anew: one
// question a file, with the events it learns from, its tables and its queries. It decides nothing, appends
// nothing and opens no file: the database comes in through a small port that speaks plain SQL.
//
// The SQL is what SQLite and PostgreSQL both read: $1 placeholders, upserts with ON CONFLICT, three column types.
// Ids are BYTEA of 16 bytes, half of what their text takes in every index. Times are BIGINT, UTC microseconds
// since 1970, the precision of the log: they compare and sort as numbers everywhere. Amounts and flags (0 or 1)
// are BIGINT, everything else is TEXT. No column is null: a zero id, time or empty text means none.
//
// A limit is written LIMIT 0 + $1: SQLite looks into a bare LIMIT $1 while it plans, and so would plan the statement
// anew each time it is bound.
package projections

import (
	"context"
	"iter"
)

// Row is one row of an answer, valid until the next one is asked for. Columns count from 0.
type Row interface {
	Int(column int) int64
	Text(column int) string
	Bytes(column int) []byte // the caller's to keep
	Values() []any           // every column: int64, string or []byte
}

// Reader asks questions. Arguments are int64, int, bool, string, []byte or a Stringer, for $1, $2 and so on. Inside
// the loop over one answer the same question must not be asked again.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) iter.Seq2[Row, error]
}

// Tx is a transaction that changes tables.
type Tx interface {
	Reader
	Exec(ctx context.Context, sql string, args ...any) error
	// Create makes a table with its indexes, unless it is there.
	Create(ctx context.Context, table Table) error
}

// Database keeps the tables. Readers see a change when its Write has returned.
type Database interface {
	Reader
	// Write runs one transaction: all of it stays, or nothing when change answers an error.
	Write(ctx context.Context, change func(Tx) error) error
	// Purge makes sure that overwritten and deleted rows have left the files, not only the tables.
	Purge(ctx context.Context) error
}

// Table is one table of a projection.
type Table struct {
	Name    string   // ends in _v and the version of its projection
	Columns string   // column definitions, separated by commas
	Key     string   // columns of the primary key; rows are kept and hashed in this order
	Indexes []string // "(column, …)" of each further index, with WHERE if it is partial
}
