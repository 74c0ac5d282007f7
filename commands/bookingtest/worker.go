package bookingtest

import (
	"context"
	"errors"
	"iter"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// worker carries out a script and stops before every call to the store until it is told to go on. It is itself
// the store that its engine sees.
type worker struct {
	run   *run
	name  int
	yield func(struct{}) bool
	next  func() bool // lets it make one call
	stop  func()      // a crash: it never comes back
}

// crashed unwinds a stopped worker.
type crashed struct{}

// errLost is what a client sees when the answer of the store, or the call to it, got lost.
var errLost = errors.New("the connection was lost")

func (r *run) hire(name int, script []op) *worker {
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
			w.ask(booking, i, op)
		}
	})
	w.next = func() bool { _, more := next(); return more }
	w.stop = stop
	return w
}

func (w *worker) pause() {
	if !w.yield(struct{}{}) {
		panic(crashed{})
	}
}

// answer is what a client was told about a wish.
type answer struct {
	op
	err error
}

// ask carries out one operation; what is no answer is asked again, with the same key.
func (w *worker) ask(booking *booking.Protocol, nth int, op op) {
	for range 3 {
		err := w.do(booking, nth, op)
		w.run.answers = append(w.run.answers, answer{op, err})
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
		_, err = booking.Engine.Do(ctx, own, appointment.Arrive{Appointment: id})
	case confirm:
		_, err = booking.Engine.Do(ctx, own, appointment.Confirm{Appointment: id})
	case sweep:
		_, err = booking.Sweep(ctx, r.now, r.pending.Candidates(r.now))
	}
	return err
}
