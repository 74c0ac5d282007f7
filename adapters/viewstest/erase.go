package viewstest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projectiontest"
)

// aboutAnna are texts about Anna in the log that everything appends, and forms of them in the rows.
var aboutAnna = []string{
	"Conceição", "conceicao", "+5527999990001", "anna@example.com", "Dear Anna", "the measles", "likes it short",
}

func erasedClientIsGone(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	for n := range 400 { // enough to move rows between pages
		m := domain.MessageID{UUID: domain.DeriveUUID("filler", n)}
		w.record(monday, message.Stream(m), message.ReminderQueued{
			Message: m, Rule: "day-before",
			Letter: projectiontest.ReminderTo(anna, visitID(1), "+5527999990001", "Dear Anna, tomorrow"),
		})
	}
	w.catchUp()
	for _, text := range aboutAnna[:len(aboutAnna)-1] { // notes are in no read model
		if !w.remains(text) {
			t.Errorf("%q is not in the files before the erasure: the search proves nothing", text)
		}
	}
	w.erase(anna)
	w.catchUp()
	erased := w.hashes()
	w.checkForgotten(aboutAnna...)
	for _, result := range w.rebuild() {
		if !result.Same() || result.After != erased[result.Name] {
			t.Fatalf("a rebuild after the erasure gives %+v", result)
		}
	}
	w.checkForgotten(aboutAnna...)
}

// failingPurge is a database whose Purge returns an error while err is set.
type failingPurge struct {
	Database
	err    error
	purges int
}

func (p *failingPurge) Purge(ctx context.Context) error {
	p.purges++
	if p.err != nil {
		return p.err
	}
	return p.Database.Purge(ctx)
}

// unfinishedPurgeIsRepeated fails the purge after an erasure. The next step repeats it, also after a restart.
func unfinishedPurgeIsRepeated(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.catchUp()
	w.erase(anna)
	failing := &failingPurge{Database: w.db, err: errors.New("no purge")}
	w.db = failing
	w.wire(projections.All()...)
	for range 2 {
		if _, err := w.projector.CatchUp(t.Context()); !errors.Is(err, failing.err) {
			t.Fatalf("CatchUp returned %v, want the error of the purge", err)
		}
	}
	failing.err = nil
	w.wire(projections.All()...) // as after a restart
	w.catchUp()
	w.checkForgotten(aboutAnna...)
	w.wire(projections.All()...)
	w.catchUp()
	if failing.purges != 3 {
		t.Errorf("the database was purged %d times, want two failures and one success", failing.purges)
	}
}

// erase erases a client of the salon.
func (w *world) erase(who domain.ClientID) {
	w.t.Helper()
	w.Erase(acme, who)
}

// checkForgotten checks that texts are not in the files.
func (w *world) checkForgotten(texts ...string) {
	w.t.Helper()
	data := w.suite.Remains(w.t, w.place)
	for _, text := range texts {
		if at := bytes.Index(data, []byte(text)); at >= 0 {
			w.t.Errorf("the files still have %q: %q", text, data[max(0, at-40):min(len(data), at+60)])
		}
	}
	if !bytes.Contains(data, []byte("Bruno Álvares")) {
		w.t.Error("the files have no name at all: the search proves nothing")
	}
}

// remains reports whether a text is in the files.
func (w *world) remains(text string) bool {
	w.t.Helper()
	return bytes.Contains(w.suite.Remains(w.t, w.place), []byte(text))
}
