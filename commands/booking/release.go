package booking

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

// releaseBlocking releases the holds of ended attempts that block a hold. It reports whether there was one.
func (b *Protocol) releaseBlocking(
	ctx context.Context, origin commands.Origin, blocked diary.Hold,
) (released bool, err error) {
	state, _, err := commands.Load(ctx, b.Engine, diary.Decider, blocked.Stream())
	if err != nil {
		return false, err
	}
	checked := 0
	for held := range state.Overlapping(blocked.Interval) {
		if held.Appointment == blocked.Appointment {
			continue
		}
		if checked++; checked > maxBlockersChecked {
			break
		}
		ended, err := b.hasEnded(ctx, origin, held)
		if err != nil {
			return released, err
		}
		if !ended {
			continue
		}
		if _, err := b.run(ctx, origin, diary.Release{
			Resource: blocked.Resource, Month: blocked.Month, Appointment: held.Appointment,
			Sequence: held.Sequence, Interval: held.Interval(),
		}); err != nil {
			return released, err
		}
		released = true
	}
	return released, nil
}

// hasEnded reports whether a hold belongs to an attempt that is abandoned or superseded. It abandons one that is past
// its limit. A remembered state is enough: an ended attempt never opens again, and the sweeper finds those that ended
// after it was read.
func (b *Protocol) hasEnded(ctx context.Context, origin commands.Origin, held diary.Held) (bool, error) {
	now := b.Engine.Now()
	state, err := b.state(ctx, held.Appointment)
	if err != nil || held.Sequence >= len(state.Attempts) {
		return false, err
	}
	attempt := state.Attempts[held.Sequence]
	if attempt.Outcome == appointment.OutcomeOpen && now.After(attempt.Until) {
		if state, err = b.expire(ctx, origin, held.Appointment, now); err != nil {
			return false, err
		}
		attempt = state.Attempts[held.Sequence]
	}
	return attempt.Outcome.Ended(), nil
}

// expire abandons the attempts of an appointment that are open past their limit at now. It returns the state as the
// store has it. If another process decides the appointment first, its decision remains.
func (b *Protocol) expire(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, now time.Time,
) (appointment.State, error) {
	// A refusal is decided on a fresh read of the store, so the state that is loaded after it is fresh too.
	if err := ignoreDecided(b.run(ctx, origin, abandonCommand(id, 0, appointment.Expired, now))); err != nil {
		return appointment.State{}, err
	}
	state, err := b.state(ctx, id)
	if err != nil {
		return state, err
	}
	if move, moving := state.OpenAttempt(); moving && move.Sequence > 0 {
		if err := ignoreDecided(b.run(ctx, origin, abandonCommand(id, move.Sequence, appointment.Expired, now))); err != nil {
			return state, err
		}
		return b.state(ctx, id)
	}
	return state, nil
}

// ignoreDecided drops the refusals that say there is nothing to abandon.
func ignoreDecided(_ commands.Outcome, err error) error {
	for _, nothing := range []error{appointment.ErrInTime, appointment.ErrDecided, appointment.ErrUnknown} {
		if errors.Is(err, nothing) {
			return nil
		}
	}
	return err
}

// cleanUp releases the holds that an appointment no longer needs. The command is decided already, so a failure here
// changes no result, and the sweeper releases what is left.
func (b *Protocol) cleanUp(ctx context.Context, origin commands.Origin, id domain.AppointmentID) {
	ctx = context.WithoutCancel(ctx)
	state, err := b.state(ctx, id)
	if err == nil {
		err = b.releaseEnded(ctx, origin, id, state)
	}
	if err != nil && b.Log != nil {
		b.Log.Log(ctx, slog.LevelWarn, "holds left for the sweeper", "appointment", id, "error", err)
	}
}

// releaseEnded releases every hold of the attempts that are abandoned or superseded.
func (b *Protocol) releaseEnded(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, state appointment.State,
) error {
	for _, attempt := range state.EndedAttempts() {
		for _, leg := range attempt.Visit.Legs {
			for _, month := range diary.Months(leg.Interval) {
				if _, err := b.run(ctx, origin, diary.Release{
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
