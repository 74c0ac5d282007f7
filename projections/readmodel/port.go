// Package readmodel is what projections are written with: the port to the database, the shape of a projection, and
// helpers that turn events into rows and rows into values. It contains no event and no query.
//
// Projections use only SQL that SQLite and PostgreSQL both accept: parameters $1, $2 and so on, upserts with ON
// CONFLICT, and three column types. Ids are BYTEA of 16 bytes, half the size of their text in every index. Times are
// BIGINT: UTC microseconds since 1970, the precision of the log, which compare and sort as numbers on both. Amounts
// and flags (0 or 1) are BIGINT too. Everything else is TEXT. No column is null: a zero id, a zero time or an empty
// text means none.
//
// Write a limit as LIMIT 0 + $1. SQLite inspects the value of a bare LIMIT $1 while it plans a statement, so it would
// plan the statement again for each new value.
package readmodel

import (
	"context"
	"iter"
)

// Row is one row of a result, valid until the next one is read. Columns count from 0.
type Row interface {
	Int(column int) int64
	Text(column int) string
	Bytes(column int) []byte // a copy that the caller may keep
	// Pack appends every column: a byte for its kind, its length in four bytes, and its data. Different rows never give
	// the same bytes.
	Pack(to []byte) []byte
}

// Reader runs queries. Arguments are int64, int, bool, string, []byte or a Stringer, for $1, $2 and so on. Do not run
// the same query again inside the loop over its rows.
type Reader interface {
	Query(ctx context.Context, sql string, args ...any) iter.Seq2[Row, error]
}

// Tx is a transaction that changes tables. Do not use it inside the loop over the rows of one of its own queries.
type Tx interface {
	Reader
	// Exec changes rows. It may delay the statement, to send several together, until the next query or the end of the
	// transaction. An error may come from there, and the transaction owns the arguments until it ends.
	Exec(ctx context.Context, sql string, args ...any) error
	// Create creates a table and its indexes where they do not exist.
	Create(ctx context.Context, table Table) error
	// Drop drops a table with its indexes if it exists.
	Drop(ctx context.Context, table string) error
	// Fill inserts rows into an empty table. Rows have all columns and come in the order of the table's key.
	Fill(ctx context.Context, table Table, rows iter.Seq2[Row, error]) error
}

// Database stores the tables. Readers see a change once its Write has returned.
type Database interface {
	Reader
	// Write runs change in one transaction and commits all of it or nothing. On domain.ErrUnavailable the outcome is
	// unknown: the caller must check. Write may call change more than once, each time on the state before it.
	Write(ctx context.Context, change func(Tx) error) error
	// Purge removes overwritten and deleted rows from the files, as far as the database can.
	Purge(ctx context.Context) error
	// Scratch creates an empty database that accepts the same SQL. New read models are built in it while queries go
	// on reading the old ones.
	Scratch() (Scratch, error)
}

// Scratch is a temporary database for one user. Nothing of it is left after Close or after the process ends. It need
// not undo a Write that fails.
type Scratch interface {
	Database
	Close() error
}

// Table is one table of a projection.
type Table struct {
	Name         string   // ends in _v and the version of its projection
	Columns      string   // column definitions, separated by commas
	Key          string   // columns of the primary key; rows are stored and hashed in this order
	Indexes      []string // "(column, …)" of each further index, with WHERE if it is partial
	WriteIndexes []string // indexes that the projection itself needs while it applies events
}
