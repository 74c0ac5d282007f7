package viewstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func rebuildGivesTheSameRows(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.catchUp()
	live := w.hashes()
	total := 0
	for _, projection := range projections.All() {
		done := 0
		results, err := w.projector.Rebuild(t.Context(), func(d, of int) { done, total = d, of }, projection.Name)
		w.ok(err)
		if len(results) != 1 || !results[0].Same() || results[0].After != live[projection.Name] {
			t.Fatalf("%s rebuilt alone gives %+v", projection.Name, results)
		}
		if done != w.Events || total != w.Events {
			t.Fatalf("rebuilding %s reported %d of %d events, want %d", projection.Name, done, total, w.Events)
		}
	}
	for range 2 {
		for _, result := range w.rebuild() {
			if !result.Same() || result.After != live[result.Name] {
				t.Fatalf("%s rebuilt with the others gives %+v", result.Name, result)
			}
		}
	}
	w.checkHashes("after rebuilds", live)
	if kept := strings.Count(w.tables()+" ", "_old "); 2*kept != len(strings.Fields(w.tables())) {
		t.Fatalf("want one older edition of each table, got %s", w.tables())
	}
	if _, err := w.projector.Rebuild(t.Context(), nil, "horoscope"); !isRefusal(err) {
		t.Fatalf("rebuilding an unknown read model returned %v, want a refusal", err)
	}
	w.record(monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.reopen(projections.All()...)
	w.catchUp()
	if got := w.hashes(); got["clients"] == live["clients"] || got["calendar"] != live["calendar"] {
		t.Fatalf("another event after the rebuilds gives the hashes %v, before it %v", got, live)
	}
}

// spoil changes a row of the calendar, and returns a function that reports whether a query still sees the change.
func (w *world) spoil() (isSpoiled func() bool) {
	w.write("UPDATE calendar_v3 SET status = 'noshow' WHERE status = 'fulfilled'")
	return func() bool {
		found, err := projections.Calendar{DB: w.db}.Find(w.t.Context(), acme, projections.Selection{
			Statuses: []appointment.Status{appointment.StatusNoShow},
		})
		w.ok(err)
		return len(found) > 0
	}
}

func rebuildFindsWrongRow(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.catchUp()
	isSpoiled := w.spoil()
	if !isSpoiled() {
		t.Fatal("no query sees the changed row")
	}
	if w.rebuild("calendar")[0].Same() {
		t.Fatal("the rebuild did not report the changed row")
	}
	if isSpoiled() {
		t.Fatal("the rebuild did not repair the changed row")
	}
}

func queriesReadOldRowsDuringRebuild(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.month(300)
	w.catchUp()
	isSpoiled, steps := w.spoil(), 0
	before := w.hashes()
	_, err := w.projector.Rebuild(t.Context(), func(int, int) {
		steps++
		w.checkHashes(fmt.Sprintf("at step %d of a rebuild", steps), before)
	})
	w.ok(err)
	if steps < 3 || isSpoiled() {
		t.Fatalf("after a rebuild of %d steps the rows are old: %v", steps, isSpoiled())
	}
}

func failedRebuildChangesNothing(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	var broken error
	fragile := failing(nil)
	apply := fragile.Apply
	fragile.Apply = func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
		return errors.Join(apply(ctx, tx, events[:1]), broken)
	}
	w.reopen(append(projections.All(), fragile)...)
	w.catchUp()
	rows, tables := w.hashes(), w.tables()
	broken = errors.New("broken")
	for _, names := range [][]string{nil, {"failing"}} {
		if _, err := w.projector.Rebuild(t.Context(), nil, names...); !errors.Is(err, broken) {
			t.Fatalf("Rebuild returned %v, want the projection's error", err)
		}
	}
	w.checkHashes("after a failed rebuild", rows)
	if got := w.tables(); got != tables {
		t.Fatalf("a failed rebuild left the tables %s, before it there were %s", got, tables)
	}
	broken = nil
	if results := w.rebuild("failing"); !results[0].Same() {
		t.Fatalf("after the projection works again, a rebuild gives %+v", results)
	}
}

// counting counts transactions.
type counting struct {
	Database
	writes int
}

func (c *counting) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	c.writes++
	return c.Database.Write(ctx, change)
}

// longLogIsBuiltInScratch starts with a long log. The read models are built in scratch databases and installed in one
// transaction.
func longLogIsBuiltInScratch(t *testing.T, s Suite) {
	stepwise, built := newWorld(t, s), newWorld(t, s)
	stepwise.openSalon()
	stepwise.catchUp()
	built.month(2200)
	stepwise.Log = built.Log // which starts with the same events
	stepwise.wire(projections.All()...)
	stepwise.catchUp()
	want := stepwise.hashes()
	count := &counting{Database: built.db}
	built.db = count
	built.wire(projections.All()...)
	built.catchUp()
	built.checkHashes("built in scratch databases", want)
	if count.writes > 2 {
		t.Fatalf("building took %d transactions, want at most 2", count.writes)
	}
	if strings.Contains(built.tables(), "_old") {
		t.Fatalf("empty tables were kept: %s", built.tables())
	}
	built.record(monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	stepwise.catchUp()
	built.catchUp()
	built.checkHashes("after another event", stepwise.hashes())
}
