package commands

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

// help looks into the holds that are in the way of a wish and releases those that will never stand (again). It
// answers whether there was one.
func (b *Booking) help(ctx context.Context, blocked diary.Hold) (freed bool, err error) {
	state, _, err := Load(ctx, b.Engine, diary.Decider, blocked.Stream())
	if err != nil {
		return false, err
	}
	looked := 0
	for held := range state.Overlapping(blocked.Interval) {
		if held.Appointment == blocked.Appointment {
			continue
		}
		if looked++; looked > maxHelped {
			break
		}
		dead, err := b.isDead(ctx, held)
		if err != nil {
			return freed, err
		}
		if !dead {
			continue
		}
		if _, err := b.run(ctx, diary.Release{
			Resource: blocked.Resource, Month: blocked.Month, Appointment: held.Appointment,
			Sequence: held.Sequence, Interval: held.Interval,
		}); err != nil {
			return freed, err
		}
		freed = true
	}
	return freed, nil
}

// isDead answers whether a hold is for something that will never stand (again), abandoning what is past its limit.
// A remembered state may do here: death is for ever, and what died elsewhere unseen is left to the sweeper.
func (b *Booking) isDead(ctx context.Context, held diary.Held) (bool, error) {
	now := b.Engine.Now()
	state, err := b.state(ctx, held.Appointment)
	if err != nil || held.Sequence >= len(state.Attempts) {
		return false, err
	}
	attempt := state.Attempts[held.Sequence]
	if attempt.Outcome == appointment.OutcomeOpen && now.After(attempt.Until) {
		if state, err = b.settle(ctx, held.Appointment, now); err != nil {
			return false, err
		}
		attempt = state.Attempts[held.Sequence]
	}
	return attempt.Outcome.Ended(), nil
}

// settle abandons what is open in an appointment and past its limit at now, and answers the state as the store has
// it. If the appointment was decided in the meantime, the decision holds.
func (b *Booking) settle(ctx context.Context, id domain.AppointmentID, now time.Time) (appointment.State, error) {
	// A refusal rests on a fresh look into the store, so the state that is loaded after it is fresh too.
	if err := settled(b.run(ctx, abandoning(id, 0, appointment.Expired, now))); err != nil {
		return appointment.State{}, err
	}
	state, err := b.state(ctx, id)
	if err != nil {
		return state, err
	}
	if move, moving := state.OpenAttempt(); moving && move.Sequence > 0 {
		if err := settled(b.run(ctx, abandoning(id, move.Sequence, appointment.Expired, now))); err != nil {
			return state, err
		}
		return b.state(ctx, id)
	}
	return state, nil
}

// settled drops the refusals that say there is nothing to abandon.
func settled(_ domain.Position, err error) error {
	for _, nothing := range []error{appointment.ErrInTime, appointment.ErrDecided, appointment.ErrUnknown} {
		if errors.Is(err, nothing) {
			return nil
		}
	}
	return err
}

// tidy releases what an appointment holds and must not. The wish is decided by now: when this fails, or the asker
// has hung up, the answer stands and the sweeper finishes.
func (b *Booking) tidy(ctx context.Context, id domain.AppointmentID) {
	ctx = context.WithoutCancel(ctx)
	state, err := b.state(ctx, id)
	if err == nil {
		err = b.release(ctx, id, state)
	}
	if err != nil && b.Log != nil {
		b.Log.Log(ctx, slog.LevelWarn, "holds left for the sweeper", "appointment", id, "error", err)
	}
}

// release gives back every hold of the attempts that will never stand (again).
func (b *Booking) release(ctx context.Context, id domain.AppointmentID, state appointment.State) error {
	for _, attempt := range state.EndedAttempts() {
		for _, leg := range attempt.Visit.Legs {
			for _, month := range diary.Months(leg.Interval) {
				if _, err := b.run(ctx, diary.Release{
					Resource: leg.Resource, Month: month, Appointment: id,
					Sequence: attempt.Sequence, Interval: leg.Interval,
				}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
