package viewstest

import (
	"context"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// counter is a projection with a row for each event about a client.
func counter(version int) readmodel.Projection {
	table := "counter_v" + string(rune('0'+version))
	return readmodel.Projection{
		Name: "counter", Version: version, Types: []string{"ClientRegistered", "SmsOptedIn", "ClientErased"},
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

// countIn returns how many events a table of the counter has.
func (w *world) countIn(table string) (n int) {
	w.t.Helper()
	for row, err := range w.db.Query(w.t.Context(), "SELECT coalesce(CAST(sum(n) AS BIGINT), 0) FROM "+table) {
		w.ok(err)
		n = int(row.Int(0))
	}
	return n
}

// checkCount compares the events in a table of the counter.
func (w *world) checkCount(table string, want int) {
	w.t.Helper()
	if n := w.countIn(table); n != want {
		w.t.Fatalf("%s has %d events, want %d", table, n, want)
	}
}

// run restarts with a version of the counter and catches up.
func (w *world) run(version int) {
	w.t.Helper()
	w.reopen(append(projections.All(), counter(version))...)
	w.catchUp()
}

// checkCounters compares the names of the tables of all versions of the counter.
func (w *world) checkCounters(want string) {
	w.t.Helper()
	var got []string
	for name := range strings.FieldsSeq(w.tables()) {
		if strings.HasPrefix(name, "counter") {
			got = append(got, name)
		}
	}
	if strings.Join(got, " ") != want {
		w.t.Fatalf("the counter has the tables %q, want %s", got, want)
	}
}

func newVersionTakesOver(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.openSalon()
	w.run(1)
	before := w.hashes()
	w.run(2)
	w.checkHashes("after another projection's new version", before)
	w.checkCounters("counter_v1 counter_v2")
	w.checkCount("counter_v2", 2)
	w.refusesRollback("its version 1", "counter")

	w.record(monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.run(1)
	w.checkCounters("counter_v1 counter_v2")
	w.checkCount("counter_v1", 3)
	w.run(2)
	w.rebuild("counter")
	w.checkCounters("counter_v2 counter_v2_old")
	w.run(3)
	w.checkCounters("counter_v2 counter_v3")
	w.checkCount("counter_v2", 3)
	w.checkCount("counter_v3", 3)
}

func erasureDropsOlderVersion(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.openSalon()
	w.erase(anna)
	w.run(1)
	w.run(2) // version 1 has applied the erasure that version 2 applies now, so it stays
	w.checkCounters("counter_v1 counter_v2")
	w.erase(bruno)
	w.catchUp()
	w.checkCounters("counter_v2")
	w.run(1)
	w.erase(bruno)
	w.run(2) // version 1 has not applied this erasure
	w.checkCounters("counter_v2")
	w.checkCount("counter_v2", 5)
}

func readModelsAheadOfLogStartAgain(t *testing.T, s Suite) {
	full, restored := newWorld(t, s), newWorld(t, s)
	full.everything()
	full.catchUp()
	full.rebuild()
	restored.openSalon()
	restored.catchUp()
	full.Log = restored.Log
	full.reopen(projections.All()...)
	full.catchUp()
	full.checkHashes("after the log was restored", restored.hashes())
	if strings.Contains(full.tables(), "_old") {
		t.Fatalf("rows from after the backup were kept: %s", full.tables())
	}
}

// readModelsOfAnotherLogStartAgain gives read models a log with another identity. Positions of one log mean nothing
// in another, even where they exist in both.
func readModelsOfAnotherLogStartAgain(t *testing.T, s Suite) {
	w, another := newWorld(t, s), newWorld(t, s)
	another.everything()
	another.catchUp()
	w.openSalon()
	w.logID = "" // as before read models stored the identity of their log
	w.reopen(append(projections.All(), failing(nil))...)
	w.catchUp()
	w.rebuild("clients")
	w.write("DELETE FROM clients_v3")

	w.logID = "the log"
	for range 2 {
		w.reopen(projections.All()...)
		w.catchUp()
	}
	if w.hasAnna() {
		t.Fatal("the rows were built again although the log is the same")
	}
	w.Log, w.logID = another.Log, "another log"
	w.reopen(projections.All()...)
	w.catchUp()
	w.checkHashes("of another log", another.hashes())
	if tables := w.tables(); strings.Contains(tables, "_old") || strings.Contains(tables, "failing") {
		t.Fatalf("tables of the former log are left: %s", tables)
	}
	w.logID = ""
	w.reopen(projections.All()...)
	w.catchUp()
	w.checkHashes("without an identity of the log", another.hashes())
}
