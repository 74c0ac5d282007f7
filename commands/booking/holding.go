package booking

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

// Hold asks to keep a start of a service for a visitor, before anybody is a client.
type Hold struct {
	Appointment domain.AppointmentID // what it becomes when the visitor books
	Account     domain.AccountID
	Service     domain.ServiceID
	Resource    domain.ResourceID // zero means any resource of the service
	Start       time.Time
	Until       time.Time // the start is free for others afterwards
}

// Hold holds a start. The units are those that the appointment takes, held under its id, so nobody else can book them.
// Book takes the hold over with one append to the stream of the appointment. The same hold sent again has one effect.
// It refuses a start that cannot be booked with the reason.
func (b Bookings) Hold(ctx context.Context, origin commands.Origin, hold Hold) (commands.Outcome, error) {
	unlock, err := b.lockLimits(ctx, hold.Service)
	if err != nil {
		return commands.Outcome{}, err
	}
	defer unlock()
	state, _, err := b.appointment(ctx, hold.Appointment)
	if err != nil {
		return commands.Outcome{}, err
	}
	var visit appointment.Visit
	if attempt, held := state.Held(); held { // its own units are not free any more
		if !attempt.Visit.Start.Equal(domain.Microseconds(hold.Start)) {
			return commands.Outcome{}, appointment.ErrKeyReused
		}
		visit = attempt.Visit
	} else if visit, _, err = b.Openings.Visit(ctx, openings.Question{
		Account: hold.Account, Service: hold.Service, Resource: hold.Resource, Now: b.Engine.Now(),
	}, hold.Start); err != nil {
		return commands.Outcome{}, err
	}
	return b.Protocol.Hold(ctx, origin, appointment.HoldStart{
		Appointment: hold.Appointment, Account: hold.Account, Service: hold.Service, Visit: visit, Since: b.Engine.Now(),
		Until: hold.Until,
	})
}

// HeldUntil returns when the holds of visitors end that take a resource in an interval. It is zero if there is none.
func (b Bookings) HeldUntil(
	ctx context.Context, id domain.ResourceID, interval domain.Interval,
) (until time.Time, err error) {
	for _, month := range diary.Months(interval) {
		state, _, err := commands.Load(ctx, b.Engine, diary.Decider, diary.StreamOf(id, month))
		if err != nil {
			return until, err
		}
		for taken := range state.Overlapping(interval) {
			of, _, err := b.appointment(ctx, taken.Appointment)
			if err != nil {
				return until, err
			}
			attempt, held := of.Held()
			if held && attempt.Outcome == appointment.OutcomeOpen && attempt.Until.After(until) {
				until = attempt.Until
			}
		}
	}
	return until, nil
}

// EndHold ends a hold, so its start is free for others. A hold that has ended already stays as it is.
func (b Bookings) EndHold(ctx context.Context, origin commands.Origin, id domain.AppointmentID, reason string) error {
	return b.Protocol.EndHold(ctx, origin, id, reason)
}

// Hold holds a start: it appends the hold to the appointment's own, empty stream and then holds each leg in its
// diaries, as a booking does. Book continues from there, so nothing is released in between. A hold past its limit ends
// like an attempt past its limit.
func (b *Protocol) Hold(
	ctx context.Context, origin commands.Origin, hold appointment.HoldStart,
) (commands.Outcome, error) {
	if _, err := b.run(ctx, origin, hold); err != nil {
		return commands.Outcome{}, err
	}
	if err := b.reserve(ctx, origin, hold.Appointment, 0); err != nil {
		return commands.Outcome{}, err
	}
	return b.run(ctx, origin, hold) // refused if another run of the visitor's has booked or ended it meanwhile
}

// EndHold ends a hold and releases what it holds.
func (b *Protocol) EndHold(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, reason string,
) error {
	state, err := b.state(ctx, id)
	if err != nil {
		return err
	}
	if _, held := state.Held(); !held {
		return appointment.ErrHoldUnknown
	}
	_, err = b.run(ctx, origin, appointment.Abandon{Appointment: id, Reason: reason, At: b.Engine.Now()})
	if err == nil {
		b.cleanUp(ctx, origin, id)
	}
	return err
}

// requestHeld is the request of an order for a start that is held for it. What was held is what is booked: a rule that
// has changed since, or a notice that has elapsed, does not break the promise. Limits still hold.
func (b Bookings) requestHeld(
	ctx context.Context, order Order, request appointment.Request, held appointment.Attempt,
) (appointment.Request, error) {
	if held.Outcome.Ended() {
		return request, appointment.ErrHoldEnded
	}
	if !held.Visit.Start.Equal(domain.Microseconds(order.Start)) {
		return request, appointment.ErrKeyReused
	}
	if err := b.checkClient(ctx, order.Account, order.Client); err != nil {
		return request, err
	}
	if err := b.Openings.CheckLimits(ctx, openings.Question{
		Account: order.Account, Service: order.Service, Client: order.Client, Moving: order.Appointment,
		Now: b.Engine.Now(),
	}, held.Visit.Start); err != nil {
		return request, err
	}
	request.Visit = held.Visit
	var err error
	request.Terms, err = b.terms(ctx, order)
	return request, err
}
