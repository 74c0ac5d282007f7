package readmodel_test

import (
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestWhereNumbersParameters(t *testing.T) {
	var inner readmodel.Where
	readmodel.OneOf(&inner, "b", []string{"x", "y"}, readmodel.Text)
	readmodel.OneOf(&inner, "c", nil, readmodel.Text)
	var w readmodel.Where
	w.And("a = ?", 1)
	w.And("d IN (SELECT d FROM t "+inner.Template()+")", inner.Args...)
	w.Add(" ORDER BY a LIMIT 0 + ?", 5)
	const want = "WHERE a = $1 AND d IN (SELECT d FROM t WHERE b IN ($2, $3)) ORDER BY a LIMIT 0 + $4"
	if w.String() != want || !reflect.DeepEqual(w.Args, []any{1, "x", "y", 5}) {
		t.Fatalf("got %q with %v", w.String(), w.Args)
	}
}
