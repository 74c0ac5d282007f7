package views

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// Fill inserts rows one after another. In key order, each goes to the end of the tree.
func (t tx) Fill(_ context.Context, table readmodel.Table, rows iter.Seq2[readmodel.Row, error]) error {
	var insert statement
	var packed []byte
	for row, err := range rows {
		if err != nil {
			return err
		}
		packed = row.Pack(packed[:0])
		if insert.Stmt == nil {
			if insert, err = t.conn.prepare(insertion(table.Name, packed)); err != nil {
				return t.file.Fault(err)
			}
		}
		bindPacked(insert, packed)
		if _, err = insert.Step(); err == nil {
			err = insert.Reset()
		}
		if err != nil {
			return t.file.Fault(err)
		}
	}
	return nil
}

func bindPacked(stmt statement, packed []byte) {
	for i := 1; len(packed) > 0; i++ {
		var column readmodel.Column
		switch column, packed = readmodel.NextColumn(packed); column.Kind {
		case readmodel.KindInt:
			stmt.BindInt64(i, column.Int())
		case readmodel.KindText:
			stmt.BindText(i, string(column.Data))
		default:
			stmt.BindBytes(i, column.Data)
		}
	}
}

// insertion returns the statement that inserts a row with as many columns as a packed one.
func insertion(table string, packed []byte) string {
	var places []string
	for len(packed) > 0 {
		_, packed = readmodel.NextColumn(packed)
		places = append(places, "$"+strconv.Itoa(len(places)+1))
	}
	return "INSERT INTO " + table + " VALUES (" + strings.Join(places, ", ") + ")"
}
