package viewstest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
)

// Same makes read models of one log on two adapters, step by step and anew, and compares them byte for byte.
func Same(t *testing.T, a, b Suite) {
	one, another := newWorld(t, a), newWorld(t, b)
	everything(one)
	visits(one, 250)
	one.erase(bruno)
	another.store, another.vault, another.codec = one.store, one.vault, one.codec
	another.wire(projections.All()...)
	one.catchUp()
	another.catchUp()
	want := one.hashes()
	for name, rows := range one.rows() {
		if rows == 0 && name != "providers" && name != "windows" && name != "keys" {
			t.Errorf("%s has no rows: the comparison proves nothing", name)
		}
	}
	if got := another.hashes(); !reflect.DeepEqual(got, want) {
		t.Errorf("step by step\n got: %v\nwant: %v", got, want)
	}
	for _, w := range []*world{one, another} {
		for _, result := range w.rebuild() {
			if result.After != want[result.Name] || !result.Same() {
				t.Errorf("made anew %+v, want %s", result, want[result.Name])
			}
		}
	}
}

func (w *world) rows() map[string]int {
	rows := make(map[string]int)
	for _, projection := range projections.All() {
		_, n, err := projector.Hash(w.t.Context(), w.db, projection)
		w.ok(err)
		rows[projection.Name] = n
	}
	return rows
}

// Disturbed follows a log as it grows while disturb is called again and again, so many times, each at an unforeseen
// point of the work. What cannot be done meanwhile must be called unavailable; in the end the rows are those that nobody
// disturbed.
func Disturbed(t *testing.T, s Suite, times int, disturb func(n int)) {
	source, w := newWorld(t, s), newWorld(t, s)
	month(source, 40*times)
	source.catchUp()
	var chunk []domain.Entry
	grow := func() {
		for _, entry := range chunk {
			_, err := w.store.Append(t.Context(), entry.Stream, entry.Revision-1, []domain.Stored{entry.Stored})
			w.ok(err)
		}
		chunk = chunk[:0]
	}
	quiet := make(chan struct{}, 1)
	quiet <- struct{}{}
	n, failures := 0, 0
	for entry, err := range source.store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		if chunk = append(chunk, entry); len(chunk) < 10 {
			continue
		}
		grow()
		if n < times {
			select {
			case <-quiet:
				go func(n int) {
					disturb(n)
					quiet <- struct{}{}
				}(n)
				n++
			default:
			}
		}
		if _, err := w.projector.CatchUp(t.Context()); err != nil {
			if failures++; !errors.Is(err, domain.ErrUnavailable) {
				t.Fatalf("a disturbance was answered %v", err)
			}
		}
	}
	grow()
	<-quiet
	w.catchUp()
	t.Logf("%d disturbances, %d of them seen", n, failures)
	if n == 0 {
		t.Fatal("nobody disturbed: the test proves nothing")
	}
	want := source.hashes()
	if got := w.hashes(); !reflect.DeepEqual(got, want) {
		t.Fatalf("disturbed %v, undisturbed %v", got, want)
	}
}

// Lost follows a log over a database whose next transaction's commit is lost on the way there, or whose answer is on
// the way back: lose arranges for it. The projector must go on by itself, with everything once.
func Lost(t *testing.T, s Suite, lose func()) {
	w := newWorld(t, s)
	opened(w)
	w.wire(append(projections.All(), heard(1))...)
	w.catchUp()
	for n := range byte(3) {
		w.requested(visitID(10+n), anna, monday, monday)
		w.erase(bruno)
		lose()
		if _, err := w.projector.CatchUp(t.Context()); err != nil {
			t.Fatalf("a lost word was answered %v", err)
		}
		if heard := w.heardIn("heard_v1"); heard != 3+int(n) {
			t.Fatalf("%d events were heard, want %d", heard, 3+n)
		}
	}
	for _, result := range w.rebuild() {
		if !result.Same() {
			t.Fatalf("made anew %+v", result)
		}
	}
}
