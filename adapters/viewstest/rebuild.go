package viewstest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// everything is a log with something for every read model.
func everything(w *world) {
	week(w)
	w.booked(visitID(7), bruno, monday, monday.Add(150*time.Hour))
	w.happened(acme, monday, message.Stream(messageID(9)), message.ReminderQueued{
		Message: messageID(9), Letter: reminderTo(anna, visitID(1), "+5527999990001", "Dear Anna"), Rule: "day-before",
	})
	w.happened(acme, monday, client.Stream(bruno), client.SmsOptedOut{Client: bruno})
}

func (w *world) rebuild(names ...string) []projector.Rebuilt {
	w.t.Helper()
	return w.rebuildBy(w.projector, names...)
}

func (w *world) rebuildBy(projector *projector.Projector, names ...string) []projector.Rebuilt {
	w.t.Helper()
	results, err := projector.Rebuild(w.t.Context(), nil, names...)
	w.ok(err)
	return results
}

func madeAnewTheRowsAreTheSame(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	w.catchUp()
	live := w.hashes()
	total := 0
	for _, projection := range projections.All() {
		done := 0
		results, err := w.projector.Rebuild(t.Context(), func(d, of int) { done, total = d, of }, projection.Name)
		w.ok(err)
		if len(results) != 1 || !results[0].Same() || results[0].After != live[projection.Name] {
			t.Fatalf("%s alone came out as %+v", projection.Name, results)
		}
		if done != w.events || total != w.events {
			t.Fatalf("%s said %d of %d done, want %d", projection.Name, done, total, w.events)
		}
	}
	for range 2 {
		for _, result := range w.rebuild() {
			if !result.Same() || result.After != live[result.Name] {
				t.Fatalf("together %s came out different", result.Name)
			}
		}
	}
	if got := w.hashes(); !reflect.DeepEqual(got, live) {
		t.Fatalf("rebuilt %v, before %v", got, live)
	}
	if kept := strings.Count(w.tables()+" ", "_old "); 2*kept != len(strings.Fields(w.tables())) {
		t.Fatalf("one older edition of each is to be kept, but there are %s", w.tables())
	}
	if _, err := w.projector.Rebuild(t.Context(), nil, "horoscope"); !isRefusal(err) {
		t.Fatalf("an unknown name was answered %v", err)
	}
	w.happened(acme, monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.reopen(projections.All()...) // and they go on
	w.catchUp()
	if got := w.hashes(); got["clients"] == live["clients"] || got["calendar"] != live["calendar"] {
		t.Fatalf("after another event %v, before it %v", got, live)
	}
}

func isRefusal(err error) bool {
	_, ok := domain.AsRefusal(err)
	return ok
}

// wrong spoils a row of the calendar and answers the question that sees it.
func (w *world) wrong() (isWrong func() bool) {
	w.write("UPDATE calendar_v2 SET status = 'noshow' WHERE status = 'fulfilled'")
	return func() bool {
		found, err := projections.Calendar{DB: w.db}.Find(w.t.Context(), acme, projections.Selection{
			Statuses: []appointment.Status{appointment.StatusNoShow},
		})
		w.ok(err)
		return len(found) > 0
	}
}

func aWrongRowIsFoundByRebuilding(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	w.catchUp()
	isWrong := w.wrong()
	if !isWrong() || w.rebuild("calendar")[0].Same() || isWrong() {
		t.Fatal("the rows were changed, and nobody saw or mended it")
	}
}

func whileRebuildingTheOldRowsAreAsked(t *testing.T, s Suite) {
	w := newWorld(t, s)
	month(w, 300)
	w.catchUp()
	isWrong, steps := w.wrong(), 0
	before := w.hashes()
	_, err := w.projector.Rebuild(t.Context(), func(int, int) {
		steps++
		if got := w.hashes(); !reflect.DeepEqual(got, before) {
			t.Errorf("at step %d the rows are %v, before it %v", steps, got, before)
		}
	})
	w.ok(err)
	if steps < 3 || isWrong() {
		t.Fatalf("after %d steps the rows are wrong: %v", steps, isWrong())
	}
}

func aFailedRebuildChangesNothing(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
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
			t.Fatalf("the failure was answered %v", err)
		}
	}
	if got := w.hashes(); !reflect.DeepEqual(got, rows) || w.tables() != tables {
		t.Fatalf("there are %v in %s, before the failure %v in %s", got, w.tables(), rows, tables)
	}
	broken = nil
	if results := w.rebuild("failing"); !results[0].Same() {
		t.Fatalf("after the repair %+v", results)
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

// Whoever begins with a long log is built beside and is there at once.
func aLongLogIsBuiltBeside(t *testing.T, s Suite) {
	w, beside := newWorld(t, s), newWorld(t, s)
	opened(w)
	w.catchUp()
	month(beside, 2200)
	w.store = beside.store // which begins with the same events
	w.wire(projections.All()...)
	w.catchUp()
	stepwise := w.hashes()
	count := &counting{Database: beside.db}
	beside.db = count
	beside.wire(projections.All()...)
	beside.catchUp()
	if got := beside.hashes(); !reflect.DeepEqual(got, stepwise) {
		t.Fatalf("beside %v, step by step %v", got, stepwise)
	}
	if count.writes > 2 {
		t.Fatalf("it took %d transactions", count.writes)
	}
	if strings.Contains(beside.tables(), "_old") {
		t.Fatalf("empty tables are kept: %s", beside.tables())
	}
	beside.happened(acme, monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.catchUp()
	beside.catchUp()
	if got, want := beside.hashes(), w.hashes(); !reflect.DeepEqual(got, want) {
		t.Fatalf("afterwards %v, step by step %v", got, want)
	}
}
