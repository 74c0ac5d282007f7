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

// help releases the blocking holds of attempts that are abandoned or superseded. It reports whether there was one.
func (b *Protocol) help(ctx context.Context, origin commands.Origin, blocked diary.Hold) (freed bool, err error) {
	state, _, err := commands.Load(ctx, b.Engine, diary.Decider, blocked.Stream())
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
		dead, err := b.isDead(ctx, origin, held)
		if err != nil {
			return freed, err
		}
		if !dead {
			continue
		}
		if _, err := b.run(ctx, origin, diary.Release{
			Resource: blocked.Resource, Month: blocked.Month, Appointment: held.Appointment,
			Sequence: held.Sequence, Interval: held.Interval,
		}); err != nil {
			return freed, err
		}
		freed = true
	}
	return freed, nil
}

// isDead reports whether a hold is for an attempt that is abandoned or superseded. It abandons one that is past its
// limit. A remembered state is enough: a dead attempt stays dead, and the sweeper finds those that died unseen.
func (b *Protocol) isDead(ctx context.Context, origin commands.Origin, held diary.Held) (bool, error) {
	now := b.Engine.Now()
	state, err := b.state(ctx, held.Appointment)
	if err != nil || held.Sequence >= len(state.Attempts) {
		return false, err
	}
	attempt := state.Attempts[held.Sequence]
	if attempt.Outcome == appointment.OutcomeOpen && now.After(attempt.Until) {
		if state, err = b.settle(ctx, origin, held.Appointment, now); err != nil {
			return false, err
		}
		attempt = state.Attempts[held.Sequence]
	}
	return attempt.Outcome.Ended(), nil
}

// settle abandons the attempts of an appointment that are open past their limit at now, and returns the state as the
// store has it. If the appointment was decided in the meantime, that decision remains.
func (b *Protocol) settle(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, now time.Time,
) (appointment.State, error) {
	// A refusal is decided on a fresh read of the store, so the state that is loaded after it is fresh too.
	if err := settled(b.run(ctx, origin, abandoning(id, 0, appointment.Expired, now))); err != nil {
		return appointment.State{}, err
	}
	state, err := b.state(ctx, id)
	if err != nil {
		return state, err
	}
	if move, moving := state.OpenAttempt(); moving && move.Sequence > 0 {
		if err := settled(b.run(ctx, origin, abandoning(id, move.Sequence, appointment.Expired, now))); err != nil {
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

// tidy releases the holds that an appointment no longer needs. The command is decided by now: if tidy fails, or the
// caller is gone, the result is the same and the sweeper finishes.
func (b *Protocol) tidy(ctx context.Context, origin commands.Origin, id domain.AppointmentID) {
	ctx = context.WithoutCancel(ctx)
	state, err := b.state(ctx, id)
	if err == nil {
		err = b.release(ctx, origin, id, state)
	}
	if err != nil && b.Log != nil {
		b.Log.Log(ctx, slog.LevelWarn, "holds left for the sweeper", "appointment", id, "error", err)
	}
}

// release releases every hold of the attempts that are abandoned or superseded.
func (b *Protocol) release(
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
