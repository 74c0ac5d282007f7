package viewstest

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func textSortsByItsBytes(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.openSalon()
	want := []string{"Chair by the window", "Zimmer 2", "_", "a b", "aZ", "ab", "zu", "Émile", "über", "椅子", "🪑"}
	for _, n := range []int{8, 3, 5, 10, 1, 7, 2, 9, 4, 6} {
		of := domain.ResourceID{UUID: projectiontest.ID(byte(50 + n))}
		w.record(monday, resource.Stream(of), resource.ResourceAdded{
			Resource: of, Account: acme, Profile: resource.Profile{Name: domain.Secret(want[n]), Units: 1},
		})
	}
	w.catchUp()
	found, err := directory.Resources{DB: w.db}.All(t.Context(), acme)
	w.ok(err)
	var got []string
	for _, r := range found {
		got = append(got, r.Name)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("sorted by name the resources are\n got: %q\nwant: %q", got, want)
	}
}

// valued has one column of each type.
var valued = readmodel.Table{
	Name: "valued_v1", Columns: "n BIGINT NOT NULL, words TEXT NOT NULL, raw BYTEA NOT NULL", Key: "n",
	Indexes: []string{"(words)"},
}

func valuesReadBack(t *testing.T, s Suite) {
	w := newWorld(t, s)
	given := [][]any{
		{int64(math.MinInt64), "", []byte{}},
		{int64(-1), "a\tb\n\\N\"',;", []byte{0, 255, '\\'}},
		{0, "ä€😀", []byte(nil)},
		{true, acme, acme.UUID[:]},
		{int64(math.MaxInt64), domain.NewPosition(1, 2), []byte("text")},
	}
	want := [][]any{
		{int64(math.MinInt64), "", []byte{}},
		{int64(-1), "a\tb\n\\N\"',;", []byte{0, 255, '\\'}},
		{int64(0), "ä€😀", []byte{}},
		{int64(1), acme.String(), acme.UUID[:]},
		{int64(math.MaxInt64), domain.NewPosition(1, 2).String(), []byte("text")},
	}
	copied := valued
	copied.Name = "copied_v1"
	query := func(db readmodel.Reader, table string) (got [][]any) {
		for row, err := range db.Query(t.Context(), "SELECT * FROM "+table+" ORDER BY n") {
			w.ok(err)
			values := []any{row.Int(0), row.Text(1), row.Bytes(2)}
			packed := readmodel.AppendBytes(readmodel.AppendText(readmodel.AppendInt(nil, row.Int(0)), row.Text(1)), row.Bytes(2))
			if found := row.Pack([]byte{7}); !bytes.Equal(found, append([]byte{7}, packed...)) {
				t.Errorf("Pack appended %q, the columns alone are %q", found, packed)
			}
			got = append(got, values)
		}
		return got
	}
	w.ok(w.db.Write(t.Context(), func(tx readmodel.Tx) error {
		if err := errors.Join(tx.Create(t.Context(), valued), tx.Create(t.Context(), valued)); err != nil {
			return err
		}
		for _, row := range given {
			err := tx.Exec(t.Context(), "INSERT INTO valued_v1 (raw, words, n) VALUES ($3, $2, $1)", row...)
			if err != nil {
				return err
			}
		}
		if got := query(tx, "valued_v1"); !reflect.DeepEqual(got, want) {
			t.Errorf("in the transaction\n got: %v\nwant: %v", got, want)
		}
		return nil
	}))
	w.ok(w.db.Write(t.Context(), func(tx readmodel.Tx) error {
		return errors.Join(tx.Create(t.Context(), copied),
			tx.Fill(t.Context(), copied, w.db.Query(t.Context(), "SELECT * FROM valued_v1 ORDER BY n")))
	}))
	for _, table := range []string{"valued_v1", "copied_v1"} {
		if got := query(w.db, table); !reflect.DeepEqual(got, want) {
			t.Errorf("in %s\n got: %v\nwant: %v", table, got, want)
		}
	}
}

func failedStatementIsError(t *testing.T, s Suite) {
	w := newWorld(t, s)
	ctx := t.Context()
	w.ok(w.db.Write(ctx, func(tx readmodel.Tx) error { return tx.Create(ctx, valued) }))
	insert := func(ctx context.Context, tx readmodel.Tx, n int) error {
		return tx.Exec(ctx, "INSERT INTO valued_v1 (n, words, raw) VALUES ($1, '', $2)", n, []byte{})
	}
	broken := errors.New("broken")
	for name, change := range map[string]func(readmodel.Tx) error{
		"the same key twice": func(tx readmodel.Tx) error {
			return errors.Join(insert(ctx, tx, 1), insert(ctx, tx, 1))
		},
		"and something after it": func(tx readmodel.Tx) error {
			return errors.Join(insert(ctx, tx, 1), insert(ctx, tx, 1), insert(ctx, tx, 2))
		},
		"no such table":   func(tx readmodel.Tx) error { return tx.Exec(ctx, "DELETE FROM nowhere_v1") },
		"no such column":  func(tx readmodel.Tx) error { return tx.Exec(ctx, "UPDATE valued_v1 SET nothing = 1") },
		"nothing to drop": func(tx readmodel.Tx) error { return tx.Exec(ctx, "DROP TABLE nowhere_v1") },
		"a wrong query": func(tx readmodel.Tx) error {
			if err := insert(ctx, tx, 1); err != nil {
				return err
			}
			for _, err := range tx.Query(ctx, "SELECT nothing FROM valued_v1") {
				return err
			}
			return nil
		},
		"its own error": func(tx readmodel.Tx) error { return errors.Join(insert(ctx, tx, 1), broken) },
	} {
		err := w.db.Write(ctx, change)
		if err == nil || errors.Is(err, domain.ErrUnavailable) || (name == "its own error") != errors.Is(err, broken) {
			t.Errorf("%s: Write returned %v", name, err)
		}
		for row, err := range w.db.Query(ctx, "SELECT count(*) FROM valued_v1") {
			w.ok(err)
			if row.Int(0) != 0 {
				t.Errorf("%s: the transaction left %d rows", name, row.Int(0))
			}
		}
	}
	w.ok(w.db.Write(ctx, func(tx readmodel.Tx) error { return insert(ctx, tx, 1) }))
}
