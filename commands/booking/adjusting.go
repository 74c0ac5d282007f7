package booking

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
)

// Promise is a booked visit with the local time that its client was told.
type Promise struct {
	Appointment domain.AppointmentID
	Start       time.Time
	Local, Zone string
}

// due returns the instant of the promise by the time zone table in force.
func (p Promise) due() time.Time { return availability.Promised(p.Local, p.Zone, p.Start) }

// Adjusted counts what Adjust has done. Collided counts the visits that are new on the work list.
type Adjusted struct{ Moved, Collided int }

// Adjust moves the visits of an account whose local time is at another instant by the time zone table in force. Where
// that time is taken, the visit keeps its holds and is put on the work list; a later Adjust tries again. It moves no
// visit that has started and tells no client. It writes nothing if the table is the one by which the visits were
// booked, so it can be run at any time.
func (b Bookings) Adjust(ctx context.Context, account domain.AccountID, promises []Promise) (Adjusted, error) {
	var done Adjusted
	waiting := b.changed(promises)
	// A visit that has moved may make way for another. In the order of changed, the first pass moves all of them,
	// unless two zones changed in opposite directions.
	for progress := true; progress && len(waiting) > 0; {
		before := len(waiting)
		collided := waiting[:0]
		for _, promise := range waiting {
			moved, err := b.adjust(ctx, account, promise)
			switch {
			case isTaken(err):
				collided = append(collided, promise)
			case err != nil:
				return done, err
			case moved:
				done.Moved++
			}
		}
		waiting = collided
		progress = len(waiting) < before
	}
	for _, promise := range waiting {
		raised, err := b.raiseCollision(ctx, account, promise.Appointment)
		if err != nil {
			return done, err
		}
		if raised {
			done.Collided++
		}
	}
	return done, nil
}

func isTaken(err error) bool {
	return errors.Is(err, diary.ErrSlotTaken) || errors.Is(err, diary.ErrTooManyUnits)
}

// changed returns the promises to move: first those to an earlier instant, by start, then the others from the last.
// So visits one after another make way for each other.
func (b Bookings) changed(promises []Promise) []Promise {
	now := b.Engine.Now()
	var earlier, later []Promise
	for _, promise := range promises {
		due := promise.due()
		switch {
		case !promise.Start.After(now), due.Equal(promise.Start):
		case due.Before(promise.Start):
			earlier = append(earlier, promise)
		default:
			later = append(later, promise)
		}
	}
	byStart := func(a, b Promise) int { return a.Start.Compare(b.Start) }
	slices.SortStableFunc(earlier, byStart)
	slices.SortStableFunc(later, byStart)
	slices.Reverse(later)
	return append(earlier, later...)
}

// adjust moves one visit by the protocol. It refuses a time that is taken before it writes anything. It does nothing if
// the visit has changed since the promise was read, or is being moved.
func (b Bookings) adjust(ctx context.Context, account domain.AccountID, promise Promise) (moved bool, err error) {
	state, _, err := b.appointmentOf(ctx, account, promise.Appointment)
	if err != nil {
		return false, err
	}
	now, booked := state.Current()
	if !booked || state.Status != appointment.StatusBooked || !now.Visit.Start.Equal(promise.Start) {
		return false, nil
	}
	visit := shift(now.Visit, promise.due().Sub(promise.Start))
	// The id is that of one attempt, so an adjustment that was refused can be tried again.
	request := domain.DeriveUUID("adjust", promise.Appointment, len(state.Attempts), visit.Start.UnixMicro())
	if open, moving := state.OpenAttempt(); moving && open.Cause == appointment.ZoneRules { // a crash came between
		request, visit = open.RequestID, open.Visit
	}
	if err := b.checkUnits(ctx, visit, promise.Appointment, len(state.Attempts)); err != nil {
		return false, err
	}
	err = b.Protocol.adjust(ctx, adjusting(account, promise.Appointment, request), appointment.RequestAdjustment{
		Appointment: promise.Appointment, RequestID: request, Sequence: now.Sequence, Visit: visit,
	})
	if _, refused := domain.AsRefusal(err); refused && !isTaken(err) {
		return false, nil
	}
	return err == nil, err
}

func adjusting(account domain.AccountID, id domain.AppointmentID, request uuid.UUID) commands.Origin {
	return commands.ForAccount(account, domain.Actor{ID: "time zones", Channel: "policy"}).
		WithID(request).WithCause(uuid.Nil, id.UUID)
}

// shift returns a visit that is as long and takes the same resources, at another time.
func shift(visit appointment.Visit, by time.Duration) appointment.Visit {
	visit.Start, visit.End, visit.Legs = visit.Start.Add(by), visit.End.Add(by), slices.Clone(visit.Legs)
	for i := range visit.Legs {
		interval := &visit.Legs[i].Interval
		interval.Start, interval.End = interval.Start.Add(by), interval.End.Add(by)
	}
	return visit
}

// raiseCollision puts an appointment on the work list, and reports whether it was not there.
func (b Bookings) raiseCollision(
	ctx context.Context, account domain.AccountID, id domain.AppointmentID,
) (raised bool, err error) {
	state, revision, err := b.appointmentOf(ctx, account, id)
	if err != nil || state.NeedsAttention(appointment.ZoneRules, uuid.Nil) {
		return false, err
	}
	origin := adjusting(account, id, domain.DeriveUUID("collision", id, revision))
	_, err = b.Engine.Do(ctx, origin, appointment.RaiseAttention{Appointment: id, Reason: appointment.ZoneRules})
	return err == nil, err
}

// adjust is Move for an adjustment.
func (b *Protocol) adjust(
	ctx context.Context, origin commands.Origin, request appointment.RequestAdjustment,
) error {
	request.At, request.Until = b.Engine.Now(), b.limit()
	if _, err := b.run(ctx, origin, request); err != nil {
		return err
	}
	state, err := b.state(ctx, request.Appointment)
	if err != nil {
		return err
	}
	attempt, opened := state.MoveRequested(request.RequestID)
	if !opened {
		return nil // it has been moved there already
	}
	_, err = b.conclude(ctx, origin, request.Appointment, attempt.Sequence, false)
	return err
}
