package booking

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
)

// Shortage is the refusal of a visit that takes more units of a resource than it has (diary.ErrTooManyUnits) or than
// are free (diary.ErrSlotTaken).
type Shortage struct {
	*domain.Refusal
	Leg   appointment.Leg // the leg that does not fit
	Units int             // how many units its resource has
}

// Unwrap returns the refusal, for errors.Is and domain.AsRefusal.
func (s *Shortage) Unwrap() error { return s.Refusal }

// CheckUnits refuses a new visit that does not fit with a *Shortage. It writes nothing. Book refuses the same visits,
// but leaves an abandoned request. Where a blocking hold is about to be released CheckUnits accepts, and Book
// decides.
func (b Bookings) CheckUnits(ctx context.Context, visit appointment.Visit) error {
	return b.checkUnits(ctx, visit, domain.AppointmentID{}, 0)
}

// checkUnits is CheckUnits for a new attempt of an appointment, whose other holds do not count.
func (b Bookings) checkUnits(
	ctx context.Context, visit appointment.Visit, id domain.AppointmentID, sequence int,
) error {
	for _, leg := range visit.Legs {
		units, err := unitsOf(ctx, b.Engine, leg.Resource)
		if err != nil {
			return err
		}
		if leg.Units > units {
			return &Shortage{diary.ErrTooManyUnits, leg, units}
		}
		for _, month := range diary.Months(leg.Interval) {
			state, _, err := commands.Load(ctx, b.Engine, diary.Decider, diary.StreamOf(leg.Resource, month))
			if err != nil {
				return err
			}
			if state.Taken(leg.Interval, id, sequence)+leg.Units <= units {
				continue
			}
			if releasable, err := b.holdsEnded(ctx, state, leg.Interval); releasable || err != nil {
				return err
			}
			return &Shortage{diary.ErrSlotTaken, leg, units}
		}
	}
	return nil
}

// holdsEnded reports whether a diary holds units for an attempt that ended or is past its limit.
func (b Bookings) holdsEnded(ctx context.Context, state diary.State, interval domain.Interval) (bool, error) {
	for held := range state.Overlapping(interval) {
		other, _, err := b.appointment(ctx, held.Appointment)
		if err != nil {
			return false, err
		}
		if held.Sequence >= len(other.Attempts) {
			continue
		}
		attempt := other.Attempts[held.Sequence]
		if attempt.Outcome.Ended() || attempt.Outcome == appointment.OutcomeOpen && b.Engine.Now().After(attempt.Until) {
			return true, nil
		}
	}
	return false, nil
}

// unitsOf returns how many units a resource has.
func unitsOf(ctx context.Context, engine *commands.Engine, id domain.ResourceID) (int, error) {
	known, _, err := commands.Load(ctx, engine, resource.Decider, resource.Stream(id))
	if err == nil && !known.Exists() {
		err = resource.ErrUnknown
	}
	return known.Units, err
}
