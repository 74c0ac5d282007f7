package views_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	memory "github.com/clickbook/clickbook/adapters/memory/views"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/projections/readmodel"
)

var visits = readmodel.Table{
	Name:    "visits_v1",
	Columns: "id BYTEA NOT NULL, part BIGINT NOT NULL, who TEXT NOT NULL, at BIGINT NOT NULL",
	Key:     "id, part", WriteIndexes: []string{"(at)", "(who, at)"},
}

// statement changes the rows, or queries them if it returns some.
type statement struct {
	sql  string
	args []any
}

func id(n byte) []byte { return []byte{n, 0, 0, n} }

func insertVisit(n byte, part int, who string, at int) statement {
	return statement{`INSERT INTO visits_v1 (part, id, at, who) VALUES ($2, $1, $4, $3)`, []any{id(n), part, who, at}}
}

// statements are of each kind that projections use.
var statements = []statement{
	insertVisit(2, 1, "bruno", 20), insertVisit(1, 0, "anna", 10), insertVisit(1, -1, "anna\x00", 5),
	insertVisit(3, 0, "", 30), insertVisit(0, 9, "carla", 8),
	{
		`UPDATE visits_v1 SET at = at + $3, who = CASE WHEN at > 9 AND who <> 'x' THEN $2 ELSE who END WHERE id = $1`,
		[]any{id(1), "dora", true},
	},
	{`SELECT who, at * 2 - 1 FROM visits_v1 WHERE id = $1 AND part = $2`, []any{id(1), 0}},
	{`SELECT who FROM visits_v1 WHERE id = $1 AND part = $2`, []any{id(9), 0}},
	{
		`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 1, $2, 7) ON CONFLICT (id, part) DO NOTHING`,
		[]any{id(2), "nobody"},
	},
	{
		`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, $3, $2, 77) ON CONFLICT (id, part)
		DO UPDATE SET who = excluded.who, at = visits_v1.at + excluded.at WHERE excluded.at > visits_v1.at`,
		[]any{id(2), "eve", int64(1)},
	},
	{`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, $3, $2, 1) ON CONFLICT (id, part)
		DO UPDATE SET who = excluded.who WHERE excluded.at > visits_v1.at`, []any{id(2), "frank", int64(1)}},
	{`UPDATE visits_v1 SET part = $2 WHERE id = $1 AND part = 0`, []any{id(3), 4}},
	{`INSERT INTO visits_v1 (id, part, who, at) SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), at FROM visits_v1
		WHERE who = $1 AND at IN (5, 11, 6) ON CONFLICT (id, part) DO NOTHING`, []any{"dora", 100, "copy"}},
	{`SELECT id, who FROM visits_v1 WHERE at >= $1 OR who = 'carla' ORDER BY who, id`, []any{11}},
	{`DELETE FROM visits_v1 WHERE id = $1 AND part = 1 RETURNING who, at`, []any{id(2)}},
	{`UPDATE visits_v1 SET who = 'gone' WHERE at < $1`, []any{9}},
	{`SELECT part FROM visits_v1 WHERE id = $1 ORDER BY part LIMIT 1`, []any{id(1)}},
	{`UPDATE visits_v1 SET at = 1 WHERE id = $1 AND part = 9 RETURNING at, who`, []any{id(0)}},
	{`DELETE FROM visits_v1 WHERE at < $1`, []any{7}},
	{`UPDATE visits_v1 SET at = 1 WHERE who = 'copy'`, nil},
	{`UPDATE visits_v1 SET at = 50 WHERE who = 'copy'`, nil},
	{`UPDATE visits_v1 SET at = 1 WHERE who = 'copy'`, nil},
	{`DELETE FROM visits_v1 WHERE at < $1`, []any{7}},
	insertVisit(5, 5, "hugo", 3), insertVisit(6, 5, "ida", 3),
	{`SELECT * FROM visits_v1 ORDER BY id, part`, nil},
}

// all returns the rows of a query in readable form.
func all(t *testing.T, db readmodel.Reader, one statement) (rows []string) {
	t.Helper()
	for row, err := range db.Query(t.Context(), one.sql, one.args...) {
		if err != nil {
			t.Fatalf("%s: %v", one.sql, err)
		}
		rows = append(rows, fmt.Sprintf("%q", row.Pack(nil)))
	}
	return rows
}

func newScratch(t *testing.T, options memory.Options) *memory.Scratch {
	t.Helper()
	options.Disk = func() (readmodel.Scratch, error) { return views.NewScratch() }
	scratch := memory.NewScratch(options)
	t.Cleanup(func() {
		if err := scratch.Close(); err != nil {
			t.Error(err)
		}
	})
	return scratch
}

// run runs the statements in one transaction, and more after each, and returns what they returned.
func run(t *testing.T, db readmodel.Database, after func(i int, tx readmodel.Tx) error) (results [][]string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx readmodel.Tx) error {
		err := errors.Join(tx.Create(t.Context(), visits), tx.Create(t.Context(), visits))
		for i := 0; i < len(statements) && err == nil; i++ {
			if one := statements[i]; strings.HasPrefix(one.sql, "SELECT") || strings.Contains(one.sql, "RETURNING") {
				results = append(results, all(t, tx, one))
			} else {
				err = tx.Exec(t.Context(), one.sql, one.args...)
			}
			if err == nil {
				err = after(i, tx)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func nothing(int, readmodel.Tx) error { return nil }

func onSQLite(t *testing.T) [][]string {
	t.Helper()
	db, err := views.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return run(t, db, nothing)
}

func same(a, b [][]string) bool {
	return slices.EqualFunc(a, b, func(x, y []string) bool { return slices.Equal(x, y) })
}

func TestStatementsReturnWhatTheyReturnInSQLite(t *testing.T) {
	scratch := newScratch(t, memory.Options{})
	if got, want := run(t, scratch, nothing), onSQLite(t); !same(got, want) || scratch.IsOnDisk() {
		t.Errorf("on disk: %v\n got: %q\nwant: %q", scratch.IsOnDisk(), got, want)
	}
}

// TestOtherStatementsMoveTheRowsToDisk runs a statement that is beyond memory after each of the others.
func TestOtherStatementsMoveTheRowsToDisk(t *testing.T) {
	want := onSQLite(t)
	for n := range statements {
		scratch := newScratch(t, memory.Options{})
		got := run(t, scratch, func(i int, tx readmodel.Tx) error {
			if i != n {
				return nil
			}
			return tx.Exec(t.Context(), `DELETE FROM visits_v1 WHERE who LIKE $1`, "nobody%")
		})
		if !same(got, want) || !scratch.IsOnDisk() {
			t.Fatalf("moved after %d statements, on disk: %v\n got: %q\nwant: %q", n+1, scratch.IsOnDisk(), got, want)
		}
		last := statements[len(statements)-1]
		if rows := all(t, scratch, last); !slices.Equal(rows, want[len(want)-1]) {
			t.Fatalf("after the transaction the rows are %q, want %q", rows, want[len(want)-1])
		}
	}
}

func TestManyRowsMoveToDisk(t *testing.T) {
	scratch := newScratch(t, memory.Options{MaxBytes: 500})
	if got, want := run(t, scratch, nothing), onSQLite(t); !same(got, want) || !scratch.IsOnDisk() {
		t.Errorf("on disk: %v\n got: %q\nwant: %q", scratch.IsOnDisk(), got, want)
	}
	err := scratch.Write(t.Context(), func(tx readmodel.Tx) error {
		return tx.Exec(t.Context(), `UPDATE visits_v1 SET at = 99 WHERE who = $1`, "hugo")
	})
	if err != nil {
		t.Fatal(err)
	}
	if rows := all(t, scratch, statement{`SELECT id FROM visits_v1 WHERE at = 99 ORDER BY id`, nil}); len(rows) != 1 {
		t.Errorf("a later transaction changed the rows %q", rows)
	}
}

// TestScratchesShareARoom fills one scratch, which leaves no room for another one until it is closed.
func TestScratchesShareARoom(t *testing.T) {
	room := new(memory.Room)
	first := newScratch(t, memory.Options{Room: room, MaxBytes: 1400})
	second := newScratch(t, memory.Options{Room: room, MaxBytes: 1400})
	third := newScratch(t, memory.Options{Room: room, MaxBytes: 1400})
	run(t, first, nothing)
	if first.IsOnDisk() {
		t.Fatal("the first scratch is on disk; give it more room")
	}
	if run(t, second, nothing); !second.IsOnDisk() {
		t.Error("the second scratch is not on disk")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if run(t, third, nothing); third.IsOnDisk() {
		t.Error("the room of the first scratch is lost")
	}
}

func TestStatementsBeyondMemory(t *testing.T) {
	for _, sql := range []string{
		`DROP TABLE visits_v1`,
		`SELECT who FROM visits_v1 WHERE at > 3`, // in no order
		`SELECT count(*) FROM visits_v1`,
		`SELECT who FROM visits_v1 a ORDER BY who`,
		`SELECT who FROM visits_v1 WHERE who LIKE 'a' ORDER BY who`,
		`SELECT who FROM visits_v1 ORDER BY who LIMIT $1`,
		`SELECT who FROM visits_v1 ORDER BY who DESC`,
		`SELECT who FROM nothing_v1 ORDER BY who`,
		`UPDATE visits_v1 SET who = 'it''s' WHERE at = 1`,
		`UPDATE visits_v1 SET whom = 'a'`,
		`UPDATE visits_v1 SET who = CASE at WHEN 1 THEN 'a' ELSE 'b' END`,
		`UPDATE visits_v1 SET at = -1`,
		`UPDATE visits_v1 SET at = 1 WHERE who = 'a' RETURNING at`, // in no order
		`INSERT INTO visits_v1 (id, part, who) VALUES ($1, 1, 'a')`,
		`INSERT INTO visits_v1 (id, part, who, who) VALUES ($1, 1, 'a', 'b')`,
		`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 1, 'a', 1) ON CONFLICT (id) DO NOTHING`,
		`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 1, 'a', 1) ON CONFLICT (id, part) DO UPDATE SET part = 3`,
		`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 1, 'a', part)`,
	} {
		scratch := newScratch(t, memory.Options{})
		err := scratch.Write(t.Context(), func(tx readmodel.Tx) error {
			if err := tx.Create(t.Context(), visits); err != nil {
				return err
			}
			_ = tx.Exec(t.Context(), sql, id(1)) // SQLite accepts only some of them
			return nil
		})
		if err != nil || !scratch.IsOnDisk() {
			t.Errorf("%s was run in memory, error %v", sql, err)
		}
	}
}

func TestWrongValuesAreErrors(t *testing.T) {
	for _, one := range []statement{
		insertVisit(1, 0, "again", 1),
		{`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 5, 7, 7)`, []any{id(1)}},
		{`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 5, $2, 7)`, []any{id(1)}},
		{`INSERT INTO visits_v1 (id, part, who, at) VALUES ($1, 5, $2, 7)`, []any{id(1), 1.5}},
		{`UPDATE visits_v1 SET at = $1`, []any{"text"}},
		{`UPDATE visits_v1 SET at = at + $1`, []any{"text"}},
		{`UPDATE visits_v1 SET part = 7`, nil}, // gives two rows one key
		{`DELETE FROM visits_v1 WHERE at = $1`, []any{"text"}},
		{`DELETE FROM visits_v1 WHERE id = $1 AND part = $2`, []any{"text", 1}},
	} {
		scratch := newScratch(t, memory.Options{})
		err := scratch.Write(t.Context(), func(tx readmodel.Tx) error {
			return errors.Join(tx.Create(t.Context(), visits),
				tx.Exec(t.Context(), insertVisit(1, 0, "a", 1).sql, insertVisit(1, 0, "a", 1).args...),
				tx.Exec(t.Context(), insertVisit(1, 1, "b", 1).sql, insertVisit(1, 1, "b", 1).args...))
		})
		if err != nil {
			t.Fatal(err)
		}
		err = scratch.Write(t.Context(), func(tx readmodel.Tx) error { return tx.Exec(t.Context(), one.sql, one.args...) })
		if err == nil || scratch.IsOnDisk() {
			t.Errorf("%s with %v returned %v, want an error of memory", one.sql, one.args, err)
		}
	}
}

func TestTextsAreStoredAsTheDatabaseStoresThem(t *testing.T) {
	for _, bytes := range []int{0, 100} {
		scratch := newScratch(t, memory.Options{MaxBytes: bytes, Text: strings.ToUpper})
		err := scratch.Write(t.Context(), func(tx readmodel.Tx) error {
			err := tx.Create(t.Context(), visits)
			for n := byte(0); n < 3 && err == nil; n++ {
				one := insertVisit(n, 0, "anna", 1)
				err = tx.Exec(t.Context(), one.sql, one.args...)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		rows := all(t, scratch, statement{`SELECT id FROM visits_v1 WHERE who = $1 ORDER BY id`, []any{"Anna"}})
		if len(rows) != 3 {
			t.Errorf("on disk: %v, rows: %q", scratch.IsOnDisk(), rows)
		}
	}
}

func TestFailureOfTheDiskIsReturned(t *testing.T) {
	full := errors.New("the disk is full")
	scratch := memory.NewScratch(memory.Options{MaxBytes: 1, Disk: func() (readmodel.Scratch, error) { return nil, full }})
	err := scratch.Write(context.Background(), func(tx readmodel.Tx) error {
		one := insertVisit(1, 0, "a", 1)
		return errors.Join(tx.Create(t.Context(), visits), tx.Exec(t.Context(), one.sql, one.args...))
	})
	if err = errors.Join(err, scratch.Close()); !errors.Is(err, full) {
		t.Errorf("Write returned %v, want %v", err, full)
	}
}

func TestDroppedTableIsEmptyWhenItIsCreatedAgain(t *testing.T) {
	for _, bytes := range []int{0, 1} {
		scratch := newScratch(t, memory.Options{MaxBytes: bytes})
		one := insertVisit(1, 0, "a", 1)
		err := scratch.Write(t.Context(), func(tx readmodel.Tx) error {
			err := tx.Drop(t.Context(), visits.Name)
			for range 2 {
				err = errors.Join(err, tx.Create(t.Context(), visits), tx.Exec(t.Context(), one.sql, one.args...),
					tx.Drop(t.Context(), visits.Name))
			}
			return errors.Join(err, tx.Create(t.Context(), visits))
		})
		if err != nil {
			t.Fatal(err)
		}
		if rows := all(t, scratch, statements[len(statements)-1]); len(rows) != 0 {
			t.Errorf("on disk: %v, rows: %q", scratch.IsOnDisk(), rows)
		}
	}
}
