package viewstest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

func anErasedClientIsGone(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	for n := range 400 { // enough to move rows between pages
		m := domain.MessageID{UUID: domain.DeriveUUID("filler", n)}
		w.happened(acme, monday, message.Stream(m), message.ReminderQueued{
			Message: m, Letter: reminderTo(anna, visitID(1), "+5527999990001", "Dear Anna, tomorrow"), Rule: "day-before",
		})
	}
	w.catchUp()
	if !w.holds("Conceição", "+5527999990001") {
		t.Error("the name is not there before it is erased: the search proves nothing")
	}
	w.erase(anna)
	w.catchUp()
	erased := w.hashes()

	found, ok, err := directory.Clients{DB: w.db}.One(t.Context(), acme, anna)
	w.ok(err)
	want := directory.Client{ID: anna, Account: acme, Country: "BR", Erased: true, RegisteredAt: monday, Revision: 1}
	if !ok || found != want {
		t.Fatalf("the client is shown as %+v, want %+v", found, want)
	}
	for _, words := range []string{"anna", "+5527999990001"} {
		if found, err := (directory.Clients{DB: w.db}).Find(t.Context(), acme, words, domain.ClientID{}, 10); err != nil || found != nil {
			t.Fatalf("%q finds %+v, %v", words, found, err)
		}
	}
	w.nowhere("Conceição", "conceicao", "+5527999990001", "anna@example.com", "Dear Anna", "likes it short")
	results, err := w.projector.Rebuild(t.Context(), nil)
	w.ok(err)
	for _, result := range results {
		if !result.Same() || result.After != erased[result.Name] {
			t.Fatalf("made anew, %s shows something else", result.Name)
		}
	}
	w.nowhere("Conceição", "conceicao", "+5527999990001", "anna@example.com", "Dear Anna", "likes it short")
}

// unpurged is a database whose purge is away.
type unpurged struct {
	Database
	err    error
	purges int
}

func (u *unpurged) Purge(ctx context.Context) error {
	u.purges++
	if u.err != nil {
		return u.err
	}
	return u.Database.Purge(ctx)
}

// What an erasure overwrote is purged in the end, whatever happens between the two.
func anUnfinishedPurgeIsMadeGood(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	w.catchUp()
	w.erase(anna)
	away := &unpurged{Database: w.db, err: errors.New("away")}
	w.db = away
	w.wire(projections.All()...)
	for range 2 {
		if _, err := w.projector.CatchUp(t.Context()); !errors.Is(err, away.err) {
			t.Fatalf("a purge that failed was answered %v", err)
		}
	}
	away.err = nil
	w.wire(projections.All()...) // as after a kill
	w.catchUp()
	w.nowhere("Conceição", "conceicao", "+5527999990001", "anna@example.com", "Dear Anna", "likes it short")
	w.wire(projections.All()...)
	w.catchUp()
	if away.purges != 3 {
		t.Errorf("it was purged %d times, want two that failed and one", away.purges)
	}
}

// erase destroys a client's key and says so.
func (w *world) erase(who domain.ClientID) {
	w.t.Helper()
	w.vault.Erase(client.Stream(who))
	w.happened(acme, monday, client.Stream(who), client.ClientErased{Client: who, Account: acme})
}

// nowhere looks into what remains of the rows.
func (w *world) nowhere(words ...string) {
	w.t.Helper()
	data := w.suite.Remains(w.t, w.place)
	for _, word := range words {
		if at := bytes.Index(data, []byte(word)); at >= 0 {
			w.t.Errorf("there is still %q: %q", word, data[max(0, at-40):min(len(data), at+60)])
		}
	}
	if !w.holds("Bruno Álvares") {
		w.t.Error("the remains name nobody: the search proves nothing")
	}
}

// holds reports whether all words remain.
func (w *world) holds(words ...string) bool {
	data := w.suite.Remains(w.t, w.place)
	return !slices.ContainsFunc(words, func(word string) bool { return !bytes.Contains(data, []byte(word)) })
}
