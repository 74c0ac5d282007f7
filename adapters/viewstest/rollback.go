package viewstest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projector"
)

func (w *world) rollback(names ...string) []projector.RolledBack {
	w.t.Helper()
	results, err := w.projector.Rollback(w.t.Context(), names...)
	w.ok(err)
	return results
}

func (w *world) cannotRollBack(code string, names ...string) {
	w.t.Helper()
	before := w.hashes()
	if _, err := w.projector.Rollback(w.t.Context(), names...); !isRefusal(err) || !strings.Contains(err.Error(), code) {
		w.t.Fatalf("going back with %q was answered %v, want a refusal with %q", names, err, code)
	}
	if got := w.hashes(); !reflect.DeepEqual(got, before) {
		w.t.Fatalf("a refusal changed rows: %v, before it %v", got, before)
	}
}

func rolledBackTheOldRowsCatchUp(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	w.catchUp()
	w.cannotRollBack("no read model")
	w.cannotRollBack("calendar", "calendar")
	w.cannotRollBack("horoscope", "horoscope")
	isWrong := w.wrong()
	w.rebuild("calendar", "messages")
	w.cannotRollBack("ledger", "messages", "ledger")
	w.requested(visitID(8), bruno, monday, monday)
	w.catchUp()
	good := w.hashes()

	want := []projector.RolledBack{{Name: "calendar", Behind: 2}, {Name: "messages", Behind: 2}}
	if results := w.rollback(); !reflect.DeepEqual(results, want) {
		t.Fatalf("going back was answered %+v, want %+v", results, want)
	}
	if !isWrong() {
		t.Fatal("the rows are not those of before the rebuild")
	}
	if _, ok, err := (projections.Calendar{DB: w.db}).One(t.Context(), acme, visitID(8)); !ok || err != nil {
		t.Fatalf("what happened since is not there (%v)", err)
	}
	bad := w.hashes()
	for name, hash := range bad {
		if (hash == good[name]) == (name == "calendar") {
			t.Errorf("%s has the hash %s, after the rebuild it had %s", name, hash, good[name])
		}
	}
	w.reopen(projections.All()...)
	w.rollback("calendar")
	if got := w.hashes(); !reflect.DeepEqual(got, good) {
		t.Fatalf("back again %v, want %v", got, good)
	}
	w.rebuild()
	if got := w.hashes(); !reflect.DeepEqual(got, good) {
		t.Fatalf("rebuilt %v, want %v", got, good)
	}
}

func anErasureEndsWhatIsKept(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	w.catchUp()
	w.rebuild()
	if !strings.Contains(w.tables(), "clients_v1_old") {
		t.Fatalf("nothing is kept: %s", w.tables())
	}
	w.erase(anna)
	w.catchUp()
	if strings.Contains(w.tables(), "_old") {
		t.Fatalf("older rows outlived an erasure: %s", w.tables())
	}
	w.nowhere("Conceição", "conceicao", "+5527999990001", "anna@example.com", "Dear Anna", "likes it short")
	w.cannotRollBack("erased")
	w.rebuild() // an erasure of the past ends nothing that knows of it
	w.happened(acme, monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.catchUp()
	if len(w.rollback()) != len(projections.All()) {
		t.Fatal("not all could go back")
	}
	w.nowhere("Conceição", "conceicao", "+5527999990001", "anna@example.com", "Dear Anna", "likes it short")
}
