package projector

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// counted returns a projection of one table.
func counted(name string, version int) readmodel.Projection {
	p := readmodel.Projection{Name: name, Version: version}
	p.Tables = []readmodel.Table{{Name: p.String(), Columns: "n BIGINT NOT NULL", Key: "n"}}
	return p
}

func TestEditionBelongsToItsProjection(t *testing.T) {
	v := newView(counted("due", 2))
	for name, want := range map[string]struct{ of, current, replaced bool }{
		"due_v2": {true, true, false}, "due_v2_old": {true, false, true}, "due_v1": {true, false, true},
		"due_v10": {true, false, true}, "dues_v2": {}, "overdue_v2": {},
	} {
		e := edition{name: name}
		if e.of(v.Projection) != want.of || v.isCurrent(e) != want.current || e.replaced([]*view{v}) != want.replaced {
			t.Errorf("%s: of %v, current %v, replaced %v; want %+v", name, e.of(v.Projection), v.isCurrent(e),
				e.replaced([]*view{v}), want)
		}
	}
}

func TestSlowestReturnsTheViewsToMoveAndWhereTheyMeetOthers(t *testing.T) {
	a, b, c := &view{at: at(1)}, &view{at: at(3)}, &view{at: at(2)}
	a.Name, b.Name, c.Name = "a", "b", "c"
	for _, test := range []struct {
		views []*view
		group []*view
		until domain.Position
	}{
		{nil, nil, domain.Position{}},
		{[]*view{b}, []*view{b}, domain.Position{}},
		{[]*view{b, c, a}, []*view{a}, at(2)},
		{[]*view{a, b, c}, []*view{a}, at(2)},
		{[]*view{b, c}, []*view{c}, at(3)},
		{[]*view{a, b, {at: at(1)}}, []*view{a, {at: at(1)}}, at(3)},
	} {
		group, until := slowest(test.views)
		if !reflect.DeepEqual(group, test.group) || until != test.until {
			t.Errorf("slowest(%v) returned %v until %v, want %v until %v", test.views, group, until, test.group, test.until)
		}
	}
	if first := earliest([]*view{b, a, c}); first != at(1) {
		t.Errorf("earliest returned %v, want %v", first, at(1))
	}
}

// newTables returns a database with the projector's own tables and one edition of each projection.
func newTables(t *testing.T, editions ...readmodel.Projection) readmodel.Database {
	t.Helper()
	db, err := views.NewScratch()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.Write(t.Context(), func(tx readmodel.Tx) error {
		err := errors.Join(tx.Create(t.Context(), checkpoints), tx.Create(t.Context(), aboutTable))
		for _, p := range editions {
			e := edition{name: p.String(), at: at(4), seen: 3, tables: p.TableNames(current)}
			err = errors.Join(err, tx.Create(t.Context(), p.Tables[0]), e.insert(t.Context(), tx))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// names returns the names of all editions with their tables.
func names(t *testing.T, db readmodel.Database) string {
	t.Helper()
	found, err := editions(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range found {
		if e.at != at(4) || e.seen != 3 {
			t.Errorf("the checkpoint of %s is %v after %d events, want %v after 3", e.name, e.at, e.seen, at(4))
		}
		for _, table := range e.tables {
			for _, err := range db.Query(t.Context(), "SELECT count(*) FROM "+table) {
				if err != nil {
					t.Errorf("%s: %v", e.name, err)
				}
			}
		}
		names = append(names, e.name+"("+strings.Join(e.tables, " ")+")")
	}
	return strings.Join(names, " ")
}

func TestEditionsAreRenamedAndDroppedWithTheirTables(t *testing.T) {
	due, ledger := counted("due", 1), counted("ledger", 1)
	db := newTables(t, due, ledger)
	for _, step := range []struct {
		name   string
		change func(tx readmodel.Tx) error
		want   string
	}{
		{"inserted", func(readmodel.Tx) error { return nil }, "due_v1(due_v1) ledger_v1(ledger_v1)"},
		{
			"renamed", func(tx readmodel.Tx) error { return rename(t.Context(), tx, due, current, old) },
			"due_v1_old(due_v1_old) ledger_v1(ledger_v1)",
		},
		{
			"dropped", func(tx readmodel.Tx) error {
				n, err := dropMatching(t.Context(), tx, func(e edition) bool { return e.name == "due_v1_old" })
				if n != 1 {
					t.Errorf("dropMatching dropped %d editions, want 1", n)
				}
				return err
			}, "ledger_v1(ledger_v1)",
		},
	} {
		if err := db.Write(t.Context(), step.change); err != nil {
			t.Fatal(err)
		}
		if got := names(t, db); got != step.want {
			t.Errorf("%s: the editions are %s, want %s", step.name, got, step.want)
		}
	}
}

func TestMovedCheckpointIsNoticed(t *testing.T) {
	db := newTables(t, counted("due", 1), counted("ledger", 1))
	due, ledger := newView(counted("due", 1)), newView(counted("ledger", 1))
	err := db.Write(t.Context(), func(tx readmodel.Tx) error {
		one, both := newMoves([]*view{due}), newMoves([]*view{due, ledger})
		if err := both.checkFrom(t.Context(), tx, at(4)); err != nil {
			t.Errorf("before a move, checking returned %v", err)
		}
		if err := tx.Exec(t.Context(), one.move, at(9), 5, at(4)); err != nil {
			return err
		}
		if err := both.checkFrom(t.Context(), tx, at(4)); !errors.Is(err, errMoved) {
			t.Errorf("checking a checkpoint that was moved returned %v, want %v", err, errMoved)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := editions(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if due := found[0]; due.at != at(9) || due.seen != 8 {
		t.Errorf("the checkpoint is %v after %d events, want %v after 8", due.at, due.seen, at(9))
	}
	if ledger := found[1]; ledger.at != at(4) || ledger.seen != 3 {
		t.Errorf("the other checkpoint is %v after %d events, want %v after 3", ledger.at, ledger.seen, at(4))
	}
}

func TestSuffixesAreNotUsedTwice(t *testing.T) {
	db := newTables(t)
	for _, want := range []string{"_g1", "_g2", "_g3"} {
		err := db.Write(t.Context(), func(tx readmodel.Tx) error {
			got, err := nextSuffix(t.Context(), tx)
			if got != want {
				t.Errorf("the next suffix is %s, want %s", got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
