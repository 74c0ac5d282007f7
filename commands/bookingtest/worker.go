package bookingtest

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// worker runs a script and stops before every call to the store until next is called. It is itself the store of its
// engine.
type worker struct {
	run   *run
	name  int
	yield func(struct{}) bool
	next  func() bool // runs it up to its next call
	stop  func()      // crashes it for good
}

// crashed is the panic that ends a stopped worker.
type crashed struct{}

// errLost is the error of a call to the store that got lost, or whose result did.
var errLost = errors.New("the connection was lost")

// start makes a worker for a script. It runs nothing yet.
func (r *run) start(name int, script []op) *worker {
	w := &worker{run: r, name: name}
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if problem := recover(); problem != nil && problem != any(crashed{}) {
				panic(problem)
			}
		}()
		w.yield = yield
		booking := r.booking(w)
		for i, op := range script {
			w.retry(booking, i, op)
		}
	})
	w.next = func() bool { _, more := next(); return more }
	w.stop = stop
	return w
}

// pause waits for the next call of next.
func (w *worker) pause() {
	if !w.yield(struct{}{}) {
		panic(crashed{})
	}
}

// result is what an operation returned to its client.
type result struct {
	op
	err error
}

// retry runs one operation, again under the same key where the outcome is unknown.
func (w *worker) retry(booking *booking.Protocol, nth int, op op) {
	for range 3 {
		err := w.do(booking, nth, op)
		w.run.results = append(w.run.results, result{op, err})
		if !errors.Is(err, errLost) && !errors.Is(err, commands.ErrBusy) {
			return
		}
	}
}

func (w *worker) do(booking *booking.Protocol, nth int, op op) error {
	r := w.run
	id := op.request.Appointment
	ctx := context.Background()
	origin := commands.ForAccount(op.request.Account, domain.Actor{})
	own := origin.WithID(domain.DeriveUUID("own", r.seed, w.name, nth))
	var err error
	switch op.kind {
	case book:
		_, err = booking.Book(ctx, origin.WithID(id.UUID), op.request)
	case move:
		_, err = booking.Move(ctx, origin.WithID(op.move.RequestID), op.move)
	case cancel:
		_, err = booking.Cancel(ctx, own, appointment.Cancel{Appointment: id, By: appointment.Client})
	case arrive:
		_, err = booking.Engine.Do(ctx, own, appointment.Arrive{Appointment: id, At: firstSlot.Add(12 * time.Hour)})
	case confirm:
		_, err = booking.Engine.Do(ctx, own, appointment.Confirm{Appointment: id, At: r.now})
	case holdStart:
		_, err = booking.Hold(ctx, origin.WithID(domain.DeriveUUID("hold", id)), appointment.HoldStart{
			Appointment: id, Account: op.request.Account, Visit: op.request.Visit, Since: r.now, Until: r.now.Add(timeout),
		})
	case extend:
		_, err = booking.Engine.Do(ctx, own, appointment.ExtendHold{Appointment: id, By: timeout})
	case release:
		err = booking.EndHold(ctx, own, id, appointment.Withdrawn)
	case sweep:
		_, err = booking.Sweep(ctx, r.now, r.pending.Candidates(r.now))
	}
	return err
}
