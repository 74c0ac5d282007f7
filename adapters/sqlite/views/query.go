package views

import (
	"context"
	"fmt"
	"strconv"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// query runs one statement and yields its rows. The connection keeps the statement prepared.
func query(
	ctx context.Context, file *dbfile.File, conn *sqlite.Conn, sql string, args []any,
	yield func(readmodel.Row, error) bool,
) {
	stmt, err := conn.Prepare(sql)
	if err == nil {
		err = bind(stmt, args)
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
		case !more || !yield(row{stmt}, nil):
			return
		}
	}
}

// bind binds the first argument to $1, and so on. SQLite takes $1 for a name and numbers names by their first
// occurrence.
func bind(stmt *sqlite.Stmt, args []any) error {
	for i := 1; i <= stmt.BindParamCount(); i++ {
		name := stmt.BindParamName(i)
		if len(name) < 2 || name[0] != '$' {
			return fmt.Errorf("invalid parameter %q in a statement: write $1, $2, …", name)
		}
		place, err := strconv.Atoi(name[1:])
		if err != nil || place < 1 || place > len(args) {
			return fmt.Errorf("a statement uses %s but has %d arguments", name, len(args))
		}
		switch v := args[place-1].(type) {
		case []byte:
			stmt.BindBytes(i, v)
		case string:
			stmt.BindText(i, v)
		case int64:
			stmt.BindInt64(i, v)
		case int:
			stmt.BindInt64(i, int64(v))
		case bool:
			stmt.BindBool(i, v)
		case fmt.Stringer:
			stmt.BindText(i, v.String())
		default:
			return fmt.Errorf("argument %s of a statement has type %T, which no column can hold", name, v)
		}
	}
	return nil
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

func (r row) Values() []any {
	values := make([]any, r.stmt.ColumnCount())
	for i := range values {
		switch r.stmt.ColumnType(i) {
		case sqlite.TypeInteger:
			values[i] = r.Int(i)
		case sqlite.TypeText:
			values[i] = r.Text(i)
		case sqlite.TypeBlob:
			values[i] = r.Bytes(i)
		case sqlite.TypeFloat:
			values[i] = r.stmt.ColumnFloat(i)
		}
	}
	return values
}
