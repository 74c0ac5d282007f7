package views_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
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

func TestMadeAnewTheRowsAreTheSame(t *testing.T) {
	w := newWorld(t)
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
	results, err := w.projector.Rebuild(t.Context(), nil)
	w.ok(err)
	for _, result := range results {
		if !result.Same() {
			t.Fatalf("together %s came out different", result.Name)
		}
	}
	if _, err := w.projector.Rebuild(t.Context(), nil, "horoscope"); !isRefusal(err) {
		t.Fatalf("an unknown name was answered %v", err)
	}
}

func isRefusal(err error) bool {
	_, ok := domain.AsRefusal(err)
	return ok
}

func TestTheRowsDoNotDependOnTheBatches(t *testing.T) {
	one, many := newWorld(t), newWorld(t)
	everything(one)
	one.catchUp()
	for after := range one.store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		_, err := many.store.Append(t.Context(), after.Stream, after.Revision-1, []domain.Stored{after.Stored})
		many.ok(err)
		many.catchUp()
	}
	if a, b := one.hashes(), many.hashes(); !reflect.DeepEqual(a, b) {
		t.Fatalf("at once %v, one by one %v", a, b)
	}
}

func TestAWrongRowIsFoundByRebuilding(t *testing.T) {
	w := newWorld(t)
	everything(w)
	w.catchUp()
	w.ok(w.db.Write(t.Context(), func(tx projections.Tx) error {
		return tx.Exec(t.Context(), "UPDATE calendar_v1 SET status = 'noshow' WHERE status = 'fulfilled'")
	}))
	results, err := w.projector.Rebuild(t.Context(), nil, "calendar")
	w.ok(err)
	if results[0].Same() {
		t.Fatal("the rows were changed and nobody saw it")
	}
}

func TestAnErasedClientIsGone(t *testing.T) {
	w := newWorld(t)
	everything(w)
	for n := range 400 { // enough to move rows between pages
		m := domain.MessageID{UUID: domain.DeriveUUID("filler", n)}
		w.happened(acme, monday, message.Stream(m), message.ReminderQueued{
			Message: m, Letter: reminderTo(anna, visitID(1), "+5527999990001", "Dear Anna, tomorrow"), Rule: "day-before",
		})
	}
	w.catchUp()
	w.vault.Erase(client.Stream(anna))
	w.happened(acme, monday, client.Stream(anna), client.ClientErased{Client: anna, Account: acme})
	w.catchUp()
	erased := w.hashes()

	found, ok, err := projections.Clients{DB: w.db}.One(t.Context(), acme, anna)
	w.ok(err)
	want := projections.Client{ID: anna, Account: acme, Country: "BR", Erased: true, RegisteredAt: monday, Revision: 1}
	if !ok || found != want {
		t.Fatalf("the client is shown as %+v, want %+v", found, want)
	}
	for _, words := range []string{"anna", "+5527999990001"} {
		if found, err := (projections.Clients{DB: w.db}).Find(t.Context(), acme, words, domain.ClientID{}, 10); err != nil || found != nil {
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

// nowhere looks into the raw files.
func (w *world) nowhere(words ...string) {
	w.t.Helper()
	bruno := false
	for _, name := range w.files() {
		data, err := os.ReadFile(name)
		w.ok(err)
		for _, word := range words {
			if at := bytes.Index(data, []byte(word)); at >= 0 {
				w.t.Errorf("%s still holds %q: %q", name, word, data[max(0, at-40):min(len(data), at+60)])
			}
		}
		bruno = bruno || bytes.Contains(data, []byte("Bruno Álvares"))
	}
	if !bruno {
		w.t.Error("the files hold nobody: the search proves nothing")
	}
}

func TestClientsAreFoundByAnyWordOfTheirName(t *testing.T) {
	w := newWorld(t)
	opened(w)
	w.catchUp()
	for words, want := range map[string][]domain.ClientID{
		"": {anna, bruno}, "ann": {anna}, "CONCEICAO": {anna}, "álv": {bruno}, "runo": nil, "bruno a": {bruno}, "%": nil,
		"+55 27 99999": {anna, bruno}, "5527999990002": {bruno}, "+1": nil,
	} {
		found, err := projections.Clients{DB: w.db}.Find(t.Context(), acme, words, domain.ClientID{}, 10)
		w.ok(err)
		var got []domain.ClientID
		for _, c := range found {
			got = append(got, c.ID)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q finds %v, want %v", words, got, want)
		}
	}
	next, err := projections.Clients{DB: w.db}.Find(t.Context(), acme, "", anna, 10)
	w.ok(err)
	if len(next) != 1 || next[0].ID != bruno {
		t.Fatalf("after Anna comes %+v", next)
	}
	if found, err := (projections.Clients{DB: w.db}).Find(t.Context(), other, "", domain.ClientID{}, 10); err != nil || found != nil {
		t.Fatalf("another account finds %+v, %v", found, err)
	}
}

func TestAWriterReadsItsOwnWrite(t *testing.T) {
	w := newWorld(t)
	opened(w)
	w.catchUp()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.projector.Run(ctx) }()
		w.booked(visitID(1), anna, monday, monday.Add(time.Hour))
		w.ok(w.projector.Wait(ctx, w.last))
		if _, ok, err := (projections.Calendar{DB: w.db}).One(ctx, acme, visitID(1)); !ok || err != nil {
			t.Errorf("the booking is not there: %v", err)
		}
		late, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		major, minor := w.last.Pair()
		if err := w.projector.Wait(late, domain.NewPosition(major+1, minor)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for the future was answered %v", err)
		}
		stop()
		w.ok(<-ended)
	})
}

// failing is a projection that cannot take an event.
func failing(err error) projections.Projection {
	return projections.Projection{
		Name: "failing", Version: 1, Types: []string{"ClientRegistered"},
		Tables: []projections.Table{{Name: "failing_v1", Columns: "n BIGINT NOT NULL", Key: "n"}},
		Apply: func(ctx context.Context, tx projections.Tx, events []domain.Recorded) error {
			return errors.Join(tx.Exec(ctx, "INSERT INTO failing_v1 (n) VALUES (1)"), err)
		},
	}
}

func TestABatchIsAllOrNothingWithItsCheckpoint(t *testing.T) {
	w := newWorld(t)
	opened(w)
	broken := errors.New("broken")
	w.reopen(append(projections.All(), failing(broken))...)
	if _, err := w.projector.CatchUp(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("the failure was answered %v", err)
	}
	if _, ok, err := (projections.Accounts{DB: w.db}).One(t.Context(), acme); ok || err != nil {
		t.Fatalf("half of a batch stayed (%v)", err)
	}
	if err := w.projector.Run(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("running was answered %v", err)
	}
	if err := w.projector.Wait(t.Context(), w.last); !errors.Is(err, broken) {
		t.Fatalf("waiting was answered %v", err)
	}
	w.reopen(append(projections.All(), failing(nil))...)
	w.catchUp()
	if _, ok, err := (projections.Accounts{DB: w.db}).One(t.Context(), acme); !ok || err != nil {
		t.Fatalf("after the repair the account is missing (%v)", err)
	}
}

func TestAKillBetweenBatchesIsPickedUp(t *testing.T) {
	whole, killed := newWorld(t), newWorld(t)
	everything(whole)
	whole.catchUp()
	everything(killed)
	for n := 1; ; n++ { // stopped in the middle of the n-th transaction, then started again
		ctx := &dying{Context: t.Context(), after: n}
		_, err := killed.projector.CatchUp(ctx)
		killed.reopen(projections.All()...)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if a, b := whole.hashes(), killed.hashes(); !reflect.DeepEqual(a, b) {
		t.Fatalf("in one go %v, with kills %v", a, b)
	}
}

// dying is a context that ends at its n-th look.
type dying struct {
	context.Context
	after int
}

func (d *dying) Err() error {
	if d.after--; d.after < 0 {
		return context.Canceled
	}
	return d.Context.Err()
}

func TestANewVersionTakesOver(t *testing.T) {
	w := newWorld(t)
	opened(w)
	w.reopen(append(projections.All(), failing(nil))...)
	w.catchUp()
	second := failing(nil)
	second.Version, second.Tables[0].Name = 2, "failing_v2"
	second.Apply = func(ctx context.Context, tx projections.Tx, events []domain.Recorded) error {
		return tx.Exec(ctx, "INSERT INTO failing_v2 (n) VALUES ($1)", len(events))
	}
	w.reopen(append(projections.All(), second)...)
	before := w.hashes()
	w.catchUp()
	if after := w.hashes(); !reflect.DeepEqual(before, after) {
		t.Fatal("bringing up the new version touched the others")
	}
	tables := w.tables()
	if strings.Contains(tables, "failing_v1") || !strings.Contains(tables, "failing_v2") {
		t.Fatalf("the tables are %s", tables)
	}
	for row, err := range w.db.Query(t.Context(), "SELECT n FROM failing_v2") {
		w.ok(err)
		if row.Int(0) != 2 {
			t.Fatalf("the new version heard %d events, want both clients", row.Int(0))
		}
	}
}

func (w *world) tables() (names string) {
	for row, err := range w.db.Query(w.t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
		w.ok(err)
		names += row.Text(0) + " "
	}
	return names
}

func TestReadModelsAheadOfARestoredLogBeginAnew(t *testing.T) {
	full, restored := newWorld(t), newWorld(t)
	everything(full)
	full.catchUp()
	opened(restored)
	restored.catchUp()
	full.store = restored.store
	full.reopen(projections.All()...)
	full.catchUp()
	if a, b := full.hashes(), restored.hashes(); !reflect.DeepEqual(a, b) {
		t.Fatalf("after the restore %v, want %v", a, b)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	w := newWorld(t)
	if db, err := views.Open(w.dir); err == nil {
		t.Fatal("a second process got in", db.Close())
	}
}
