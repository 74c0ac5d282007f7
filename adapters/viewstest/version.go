package viewstest

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// heard is a read model that writes down where it has heard of how many clients.
func heard(version int) readmodel.Projection {
	table := "heard_v" + string(rune('0'+version))
	return readmodel.Projection{
		Name: "heard", Version: version, Types: []string{"ClientRegistered", "SmsOptedIn", "ClientErased"},
		Tables: []readmodel.Table{{
			Name: table, Columns: "position TEXT NOT NULL, n BIGINT NOT NULL", Key: "position", Indexes: []string{"(n)"},
		}},
		Apply: func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
			for _, event := range events {
				err := tx.Exec(ctx, "INSERT INTO "+table+" (position, n) VALUES ($1, 1)", event.Position)
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// heardIn sums up what the table of a version holds.
func (w *world) heardIn(table string) (n int) {
	w.t.Helper()
	for row, err := range w.db.Query(w.t.Context(), "SELECT coalesce(CAST(sum(n) AS BIGINT), 0) FROM "+table) {
		w.ok(err)
		n = int(row.Int(0))
	}
	return n
}

// run is a start with a version, up to the head of the log.
func (w *world) run(version int) {
	w.t.Helper()
	w.reopen(append(projections.All(), heard(version))...)
	w.catchUp()
}

// keeps compares the tables of all versions.
func (w *world) keeps(want string) {
	w.t.Helper()
	var got []string
	for name := range strings.FieldsSeq(w.tables()) {
		if strings.HasPrefix(name, "heard") {
			got = append(got, name)
		}
	}
	if strings.Join(got, " ") != want {
		w.t.Fatalf("there are %q, want %s", got, want)
	}
}

func aNewVersionTakesOver(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.run(1)
	before := w.hashes()
	w.run(2)
	if after := w.hashes(); !reflect.DeepEqual(before, after) {
		t.Fatal("bringing up the new version touched the others")
	}
	w.keeps("heard_v1 heard_v2")
	if n := w.heardIn("heard_v2"); n != 2 {
		t.Fatalf("the new version heard %d events, want both clients", n)
	}
	w.cannotRollBack("its version 1", "heard")

	w.happened(acme, monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.run(1)
	w.keeps("heard_v1 heard_v2")
	if n := w.heardIn("heard_v1"); n != 3 {
		t.Fatalf("the old version heard %d events, want one more", n)
	}
	w.run(2)
	w.rebuild("heard")
	w.keeps("heard_v2 heard_v2_old")
	w.run(3)
	w.keeps("heard_v2 heard_v3")
	if n := w.heardIn("heard_v2") + w.heardIn("heard_v3"); n != 6 {
		t.Fatalf("the second and the third version heard %d events, want 3 each", n)
	}
}

func anOldVersionHearsOfNoErasure(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.erase(anna)
	w.run(1)
	w.run(2) // it meets the erasure on its way, but the old version knew it
	w.keeps("heard_v1 heard_v2")
	w.erase(bruno)
	w.catchUp()
	w.keeps("heard_v2")
	w.run(1)
	w.erase(bruno)
	w.run(2) // here nobody but the new version hears of it
	w.keeps("heard_v2")
	if n := w.heardIn("heard_v2"); n != 5 {
		t.Fatalf("the new version heard %d events, want 5", n)
	}
}

func readModelsAheadOfARestoredLogBeginAnew(t *testing.T, s Suite) {
	full, restored := newWorld(t, s), newWorld(t, s)
	everything(full)
	full.catchUp()
	full.rebuild()
	opened(restored)
	restored.catchUp()
	full.store = restored.store
	full.reopen(projections.All()...)
	full.catchUp()
	if a, b := full.hashes(), restored.hashes(); !reflect.DeepEqual(a, b) {
		t.Fatalf("after the restore %v, want %v", a, b)
	}
	if strings.Contains(full.tables(), "_old") {
		t.Fatalf("what knows more than the log is kept: %s", full.tables())
	}
}

// Positions of another log mean nothing, however well they fit.
func readModelsOfAnotherLogBeginAnew(t *testing.T, s Suite) {
	w, another := newWorld(t, s), newWorld(t, s)
	everything(another)
	another.catchUp()
	opened(w)
	w.log = "" // as before anybody asked
	w.reopen(append(projections.All(), failing(nil))...)
	w.catchUp()
	w.rebuild("clients")
	isWrong := func() bool { _, ok, err := w.anna(); w.ok(err); return !ok }
	w.write("DELETE FROM clients_v1")

	w.log = "the log"
	w.reopen(projections.All()...)
	w.catchUp()
	w.reopen(projections.All()...)
	w.catchUp()
	if !isWrong() {
		t.Fatal("of the log that was always theirs the rows were made anew")
	}
	w.store, w.log = another.store, "another log"
	w.reopen(projections.All()...)
	w.catchUp()
	if got, want := w.hashes(), another.hashes(); !reflect.DeepEqual(got, want) {
		t.Fatalf("of another log %v, want %v", got, want)
	}
	if tables := w.tables(); strings.Contains(tables, "_old") || strings.Contains(tables, "failing") {
		t.Fatalf("of the former log are left %s", tables)
	}
	w.log = ""
	w.reopen(projections.All()...)
	w.catchUp()
	if got, want := w.hashes(), another.hashes(); !reflect.DeepEqual(got, want) {
		t.Fatalf("without a word about the log %v, want %v", got, want)
	}
}

func (w *world) anna() (directory.Client, bool, error) {
	return directory.Clients{DB: w.db}.One(w.t.Context(), acme, anna)
}
