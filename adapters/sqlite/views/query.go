package views

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// connection is a connection with its prepared statements.
type connection struct {
	*sqlite.Conn
	statements map[string]statement
}

// statement is a prepared statement. places[i] is the argument of its parameter i+1, counted from 0.
type statement struct {
	*sqlite.Stmt
	places []int
}

func newConnection(conn *sqlite.Conn) *connection {
	return &connection{conn, make(map[string]statement)}
}

// prepare returns a statement that is ready for its arguments. The connection keeps it prepared.
func (c *connection) prepare(sql string) (statement, error) {
	if known, ok := c.statements[sql]; ok {
		return known, nil
	}
	stmt, err := c.Prepare(sql)
	if err != nil {
		return statement{}, err
	}
	places, err := parameters(stmt)
	if err != nil {
		return statement{}, err
	}
	c.statements[sql] = statement{stmt, places}
	return c.statements[sql], nil
}

// parameters returns which argument each parameter takes: the first for $1, and so on. SQLite takes $1 for a name and
// numbers names by their first occurrence.
func parameters(stmt *sqlite.Stmt) ([]int, error) {
	places := make([]int, stmt.BindParamCount())
	for i := range places {
		name := stmt.BindParamName(i + 1)
		if len(name) < 2 || name[0] != '$' {
			return nil, fmt.Errorf("invalid parameter %q in a statement: write $1, $2, …", name)
		}
		number, err := strconv.Atoi(name[1:])
		if err != nil || number < 1 {
			return nil, fmt.Errorf("invalid parameter %q in a statement: write $1, $2, …", name)
		}
		places[i] = number - 1
	}
	return places, nil
}

// bind replaces all arguments.
func (s statement) bind(args []any) error {
	for i, place := range s.places {
		if place >= len(args) {
			return fmt.Errorf("a statement uses $%d but has %d arguments", place+1, len(args))
		}
		switch v := args[place].(type) {
		case []byte:
			s.BindBytes(i+1, v)
		case string:
			s.BindText(i+1, v)
		case int64:
			s.BindInt64(i+1, v)
		case int:
			s.BindInt64(i+1, int64(v))
		case bool:
			s.BindBool(i+1, v)
		case fmt.Stringer:
			s.BindText(i+1, v.String())
		default:
			return fmt.Errorf("argument $%d of a statement has type %T, which no column can hold", place+1, v)
		}
	}
	return nil
}

// query runs one statement and yields its rows.
func (c *connection) query(
	ctx context.Context, file *dbfile.File, sql string, args []any, yield func(readmodel.Row, error) bool,
) {
	stmt, err := c.prepare(sql)
	if err == nil {
		err = stmt.bind(args)
	}
	if err != nil {
		yield(nil, file.Fault(err))
		return
	}
	defer func() { _ = stmt.Reset() }() // its error repeats that of Step
	for {
		more, err := stmt.Step()
		switch {
		case err != nil && ctx.Err() != nil:
			yield(nil, fmt.Errorf("query: %w", ctx.Err()))
			return
		case err != nil:
			yield(nil, file.Fault(err))
			return
		case !more || !yield(row{stmt.Stmt}, nil):
			return
		}
	}
}

// row implements readmodel.Row on the current row of the statement.
type row struct{ stmt *sqlite.Stmt }

func (r row) Int(column int) int64   { return r.stmt.ColumnInt64(column) }
func (r row) Text(column int) string { return r.stmt.ColumnText(column) }

func (r row) Bytes(column int) []byte {
	data := make([]byte, r.stmt.ColumnLen(column))
	r.stmt.ColumnBytes(column, data)
	return data
}

// Pack implements readmodel.Row. SQLite returns the bytes of a text as they are.
func (r row) Pack(to []byte) []byte {
	for column := range r.stmt.ColumnCount() {
		kind := readmodel.KindText
		switch r.stmt.ColumnType(column) {
		case sqlite.TypeInteger:
			to = readmodel.AppendInt(to, r.Int(column))
			continue
		case sqlite.TypeBlob:
			kind = readmodel.KindBytes
		case sqlite.TypeText, sqlite.TypeFloat, sqlite.TypeNull: // the last two are in no table
		}
		length := r.stmt.ColumnLen(column)
		to = readmodel.AppendHeader(to, kind, length)
		to = slices.Grow(to, length)
		to = to[:len(to)+r.stmt.ColumnBytes(column, to[len(to):len(to)+length])]
	}
	return to
}
