package viewstest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func aWriterReadsItsOwnWrite(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.catchUp()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.projector.Run(ctx) }()
	w.booked(visitID(1), anna, monday, monday.Add(time.Hour))
	w.ok(w.projector.Wait(ctx, w.last))
	if _, ok, err := (projections.Calendar{DB: w.db}).One(ctx, acme, visitID(1)); !ok || err != nil {
		t.Errorf("the booking is not there: %v", err)
	}
	late, cancel := context.WithTimeout(ctx, 0)
	defer cancel()
	major, minor := w.last.Pair()
	if err := w.projector.Wait(late, domain.NewPosition(major+1, minor)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for the future was answered %v", err)
	}
	stop()
	w.ok(<-ended)
}

// failing is a projection that cannot take an event.
func failing(err error) readmodel.Projection {
	return readmodel.Projection{
		Name: "failing", Version: 1, Types: []string{"ClientRegistered"},
		Tables: []readmodel.Table{{Name: "failing_v1", Columns: "n BIGINT NOT NULL", Key: "n"}},
		Apply: func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
			return errors.Join(tx.Exec(ctx, "INSERT INTO failing_v1 (n) VALUES (1)"), err)
		},
	}
}

func aBatchIsAllOrNothingWithItsCheckpoint(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	broken := errors.New("broken")
	w.reopen(append(projections.All(), failing(broken))...)
	if _, err := w.projector.CatchUp(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("the failure was answered %v", err)
	}
	if _, ok, err := (directory.Accounts{DB: w.db}).One(t.Context(), acme); ok || err != nil {
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
	if _, ok, err := (directory.Accounts{DB: w.db}).One(t.Context(), acme); !ok || err != nil {
		t.Fatalf("after the repair the account is missing (%v)", err)
	}
}

func aKillBetweenBatchesIsPickedUp(t *testing.T, s Suite) {
	whole, killed := newWorld(t, s), newWorld(t, s)
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

// Should two keep the same rows all the same, nothing is applied twice: the one who finds the checkpoints moved is told,
// and begins from where they are.
func ofTwoWhoKeepThemOneIsTold(t *testing.T, s Suite) {
	w := newWorld(t, s)
	everything(w)
	w.catchUp()
	first := w.projector
	w.happened(acme, monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.wire(projections.All()...)
	w.catchUp()
	w.requested(visitID(8), bruno, monday, monday)
	if _, err := first.CatchUp(t.Context()); err == nil {
		t.Fatal("nobody was told")
	}
	if _, ok, err := (projections.Calendar{DB: w.db}).One(t.Context(), acme, visitID(8)); ok || err != nil {
		t.Fatalf("half of a transaction stayed (%v)", err)
	}
	if n, err := first.CatchUp(t.Context()); n != 2 || err != nil {
		t.Fatalf("the second time %d events were applied (%v), want 2", n, err)
	}
	want := w.hashes()
	for _, result := range w.rebuildBy(first) {
		if !result.Same() || result.After != want[result.Name] {
			t.Fatalf("made anew %+v", result)
		}
	}
}

func oneProcessAtATime(t *testing.T, s Suite) {
	w := newWorld(t, s)
	if db, err := s.Open(w.place); err == nil {
		t.Fatal("a second process got in", db.Close())
	}
	w.reopen(projections.All()...)
}

func theRowsDoNotDependOnTheBatches(t *testing.T, s Suite) {
	one, many := newWorld(t, s), newWorld(t, s)
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
