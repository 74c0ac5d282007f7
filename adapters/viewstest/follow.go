package viewstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func writerReadsItsOwnWrite(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.openSalon()
	w.catchUp()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.projector.Run(ctx) }()
	w.Append(projectiontest.Booked(visitID(1), anna, monday, monday.Add(time.Hour))...)
	w.ok(w.projector.Wait(ctx, w.Last))
	if _, ok, err := (projections.Calendar{DB: w.db}).One(ctx, acme, visitID(1)); !ok || err != nil {
		t.Errorf("after Wait the calendar does not have the booking (error %v)", err)
	}
	expired, cancel := context.WithTimeout(ctx, 0)
	defer cancel()
	major, minor := w.Last.Pair()
	if err := w.projector.Wait(expired, domain.NewPosition(major+1, minor)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a future position returned %v, want DeadlineExceeded", err)
	}
	stop()
	w.ok(<-ended)
}

func someCatchUpFirst(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	n, err := w.projector.CatchUp(t.Context(), "due", "messages")
	w.ok(err)
	if n != w.Events {
		t.Fatalf("CatchUp applied %d events, want %d", n, w.Events)
	}
	first, together := w.hashes(), newWorld(t, s)
	together.everything()
	together.catchUp()
	want := together.hashes()
	for name, caughtUp := range map[string]bool{"due": true, "messages": true, "calendar": false, "clients": false} {
		if (first[name] == want[name]) != caughtUp {
			t.Errorf("%s has caught up: %v, want %v", name, !caughtUp, caughtUp)
		}
	}
	w.catchUp()
	w.checkHashes("after all have caught up", want)
}

// failing is a projection that returns err for every batch, after it has written a row.
func failing(err error) readmodel.Projection {
	return readmodel.Projection{
		Name: "failing", Version: 1, Types: []string{"ClientRegistered"},
		Tables: []readmodel.Table{{Name: "failing_v1", Columns: "n BIGINT NOT NULL", Key: "n"}},
		Apply: func(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
			return errors.Join(tx.Exec(ctx, "INSERT INTO failing_v1 (n) VALUES (1)"), err)
		},
	}
}

func batchAndCheckpointAreOneTransaction(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.openSalon()
	broken := errors.New("broken")
	w.reopen(append(projections.All(), failing(broken))...)
	if _, err := w.projector.CatchUp(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("CatchUp returned %v, want the projection's error", err)
	}
	hasAccount := func() bool {
		_, ok, err := directory.Accounts{DB: w.db}.One(t.Context(), acme)
		w.ok(err)
		return ok
	}
	if hasAccount() {
		t.Fatal("a failed batch left rows")
	}
	if err := w.projector.Run(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("Run returned %v, want the projection's error", err)
	}
	if err := w.projector.Wait(t.Context(), w.Last); !errors.Is(err, broken) {
		t.Fatalf("Wait returned %v, want the projection's error", err)
	}
	w.reopen(append(projections.All(), failing(nil))...)
	w.catchUp()
	if !hasAccount() {
		t.Fatal("the account is missing after the projection works again")
	}
}

// cancelledBatchIsAppliedLater stops the projector in the middle of its n-th transaction and starts it again, for
// each n.
func cancelledBatchIsAppliedLater(t *testing.T, s Suite) {
	whole, cancelled := newWorld(t, s), newWorld(t, s)
	whole.everything()
	whole.catchUp()
	cancelled.everything()
	for n := 1; ; n++ {
		ctx := &expiring{Context: t.Context(), left: n}
		_, err := cancelled.projector.CatchUp(ctx)
		cancelled.reopen(projections.All()...)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	cancelled.checkHashes("after cancellations", whole.hashes())
}

// expiring is a context that is cancelled once Err has been called so many times.
type expiring struct {
	context.Context
	left int
}

func (e *expiring) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return e.Context.Err()
}

// secondProjectorFindsCheckpointsMoved lets two projectors keep the same rows. Nothing is applied twice: the one that
// finds the checkpoints moved returns an error, and then goes on from where they are.
func secondProjectorFindsCheckpointsMoved(t *testing.T, s Suite) {
	w := newWorld(t, s)
	w.everything()
	w.catchUp()
	first := w.projector
	w.record(monday, client.Stream(bruno), client.SmsOptedIn{Client: bruno})
	w.wire(projections.All()...)
	w.catchUp()
	w.request(visitID(8), bruno, monday, monday)
	if _, err := first.CatchUp(t.Context()); err == nil {
		t.Fatal("the first projector did not notice the second")
	}
	if w.hasAppointment(visitID(8)) {
		t.Fatal("a failed transaction left rows")
	}
	if n, err := first.CatchUp(t.Context()); n != 2 || err != nil {
		t.Fatalf("the second CatchUp applied %d events (error %v), want 2", n, err)
	}
	want := w.hashes()
	for _, result := range w.rebuildBy(first) {
		if !result.Same() || result.After != want[result.Name] {
			t.Fatalf("a rebuild changed the rows: %+v", result)
		}
	}
}

func oneProcessAtATime(t *testing.T, s Suite) {
	w := newWorld(t, s)
	if db, err := s.Open(w.place); err == nil {
		t.Fatal("the place was opened twice", db.Close())
	}
	w.reopen(projections.All()...)
}

func rowsDoNotDependOnBatches(t *testing.T, s Suite) {
	one, many := newWorld(t, s), newWorld(t, s)
	one.everything()
	one.catchUp()
	var together []domain.Stored // an append stays whole: the checksums of its events say so
	for entry, err := range one.Store.ReadAll(t.Context(), domain.Position{}, domain.Filter{}) {
		many.ok(err)
		if together = append(together, entry.Stored); entry.Rest > 0 {
			continue
		}
		first := entry.Revision - domain.Revision(len(together))
		_, err := many.Store.Append(t.Context(), entry.Stream, first, together)
		many.ok(err)
		many.catchUp()
		together = nil
	}
	many.checkHashes("append by append", one.hashes())
}
