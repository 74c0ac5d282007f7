package views

import (
	"context"
	"iter"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// Fill inserts rows one after another. In key order, each goes to the end of the tree.
func (t tx) Fill(ctx context.Context, table readmodel.Table, rows iter.Seq2[readmodel.Row, error]) error {
	insert := ""
	for row, err := range rows {
		if err != nil {
			return err
		}
		values := row.Values()
		if insert == "" {
			insert = insertion(table.Name, len(values))
		}
		if err := t.Exec(ctx, insert, values...); err != nil {
			return err
		}
	}
	return nil
}

// insertion returns the statement that inserts a row with so many columns.
func insertion(table string, columns int) string {
	places := make([]string, columns)
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	return "INSERT INTO " + table + " VALUES (" + strings.Join(places, ", ") + ")"
}
