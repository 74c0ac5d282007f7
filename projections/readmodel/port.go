// Package readmodel is the machinery that projections are written with: the port to the database, the shape of a
// projection, and helpers that turn events into rows and rows into values. It knows no event and asks no question.
//
// The SQL is what SQLite and PostgreSQL both read: $1 placeholders, upserts with ON CONFLICT, three column types.
// Ids are BYTEA of 16 bytes, half of what their text takes in every index. Times are BIGINT, UTC microseconds
// since 1970, the precision of the log: they compare and sort as numbers everywhere. Amounts and flags (0 or 1)
// are BIGINT, everything else is TEXT. No column is null: a zero id, time or empty text means none.
//
// A limit is written LIMIT 0 + $1: SQLite inspects a bare LIMIT $1 while it plans, and would plan the statement
// again each time it is bound.
package readmodel

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

// Tx is a transaction that changes tables. Inside the loop over one of its answers nothing else must be asked of it.
type Tx interface {
	Reader
	// Exec changes rows. It may be done later, with others at once, but before the next question and the end of the
	// transaction: an error may come from there, and the arguments belong to the transaction until it ends.
	Exec(ctx context.Context, sql string, args ...any) error
	// Create makes a table with its indexes, whichever of them is not there.
	Create(ctx context.Context, table Table) error
	// Fill puts rows into an empty table: all its columns, in the order of its key.
	Fill(ctx context.Context, table Table, rows iter.Seq2[Row, error]) error
}

// Database keeps the tables. Readers see a change when its Write has returned.
type Database interface {
	Reader
	// Write runs one transaction: all of it stays, or nothing when it answers an error, but for domain.ErrUnavailable:
	// whoever gets that looks which it was. A change may be run more than once, each time on what stood before it.
	Write(ctx context.Context, change func(Tx) error) error
	// Purge does what can be done for overwritten and deleted rows to leave the files, not only the tables.
	Purge(ctx context.Context) error
	// Scratch makes an empty database that reads the same SQL, to build read models in beside those that are asked.
	Scratch() (Scratch, error)
}

// Scratch is a database for a while and for one user. Nothing of it outlives its Close or the process. A Write that
// fails need not be taken back.
type Scratch interface {
	Database
	Close() error
}

// Table is one table of a projection.
type Table struct {
	Name    string   // ends in _v and the version of its projection
	Columns string   // column definitions, separated by commas
	Key     string   // columns of the primary key; rows are kept and hashed in this order
	Indexes []string // "(column, …)" of each further index, with WHERE if it is partial
	Learns  []string // such indexes as the projection itself looks its rows up by while it learns
}
