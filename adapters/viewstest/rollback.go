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

// refusesRollback checks that a rollback is refused with a sentence that contains text, and changes nothing.
func (w *world) refusesRollback(text string, names ...string) {
	w.t.Helper()
	before := w.hashes()
	if _, err := w.projector.Rollback(w.t.Context(), names...); !isRefusal(err) || !strings.Contains(err.Error(), text) {
		w.t.Fatalf("rolling back %q returned %v, want a refusal with %q", names, err, text)
	}
	w.checkHashes("after a refused rollback", before)
}

func rolledBackRowsCatchUp(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.catchUp()
	w.refusesRollback("no read model")
	w.refusesRollback("calendar", "calendar")
	w.refusesRollback("horoscope", "horoscope")
	isSpoiled := w.spoil()
	w.rebuild("calendar", "messages")
	w.refusesRollback("ledger", "messages", "ledger")
	w.request(visitID(8), bruno, monday, monday)
	w.catchUp()
	good := w.hashes()

	want := []projector.RolledBack{{Name: "calendar", Behind: 2}, {Name: "messages", Behind: 2}}
	if results := w.rollback(); !reflect.DeepEqual(results, want) {
		t.Fatalf("Rollback returned %+v, want %+v", results, want)
	}
	if !isSpoiled() {
		t.Fatal("the rows are not those from before the rebuild")
	}
	if !w.hasAppointment(visitID(8)) {
		t.Fatal("the restored rows have not caught up")
	}
	for name, hash := range w.hashes() {
		if (hash == good[name]) == (name == "calendar") {
			t.Errorf("%s has the hash %s, before the rollback it had %s", name, hash, good[name])
		}
	}
	w.reopen(projections.All()...)
	w.rollback("calendar")
	w.checkHashes("rolled back twice", good)
	w.rebuild()
	w.checkHashes("rebuilt after that", good)
}

func erasureDropsReplacedRows(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.catchUp()
	w.rebuild()
	if !strings.Contains(w.tables(), "clients_v3_old") {
		t.Fatalf("the rebuild kept no old rows: %s", w.tables())
	}
	w.erase(anna)
	w.catchUp()
	if strings.Contains(w.tables(), "_old") {
		t.Fatalf("an erasure left older rows: %s", w.tables())
	}
	w.checkForgotten(aboutAnna...)
	w.refusesRollback("erased")
	w.rebuild() // these older rows know of the erasure and stay
	w.record(monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.catchUp()
	if n := len(w.rollback()); n != len(projections.All()) {
		t.Fatalf("%d read models were rolled back, want all", n)
	}
	w.checkForgotten(aboutAnna...)
}
