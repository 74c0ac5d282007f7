// Package booking takes, moves and cancels appointments through diaries that share no transaction, without double
// booking. It decides nothing about opening hours: package openings does.
package booking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

const (
	// defaultPatience is how long a request may stay undecided before anybody may abandon it.
	defaultPatience = 30 * time.Second
	// maxHoldRounds bounds how often one hold is tried anew after helping or after the engine was busy.
	maxHoldRounds = 32
	// maxHelped bounds how many blocking holds are looked into for one wish; the sweeper gets the rest.
	maxHelped = 64
)

// Booking takes appointments through diaries that share no transaction. It promises that units of standing
// appointments never exceed what a resource has, on any store that keeps its word about expected revisions:
//
//  1. the request is appended to the appointment's own, empty stream;
//  2. each leg is held in its diaries, in canonical order, so that no two bookings wait for each other;
//  3. one append to the appointment's stream decides, and it alone: Booked, or Abandoned;
//  4. what was held for something that does not stand is released.
//
// A move does the same beside the old visit, which is released only after Rescheduled; a cancellation decides
// first and releases then. Whoever is blocked by a hold whose appointment was decided against, or ran out of
// time, finishes it and goes on: nobody waits for a crashed process. Time limits say who may help, never what
// is true. What is no answer (a busy store, a lost connection) leaves the request open: asked again under the
// same key it goes on where it stopped, and past its limit anybody abandons it.
type Protocol struct {
	Engine *commands.Engine
	// Units answers how many units a resource has.
	Units func(context.Context, domain.ResourceID) (int, error)
	// Check and CheckMove refuse what hours and rules do not allow; nil allows all. They are asked once for a
	// wish, before it leaves a trace.
	Check     func(context.Context, appointment.Request) error
	CheckMove func(context.Context, appointment.RequestReschedule) error
	Patience  time.Duration // how long a request may stay undecided; 0 means 30 seconds
	Log       *slog.Logger  // nil means none

	// turns lets the bookings of this process hold in one diary one after another instead of losing races against
	// each other. It is courtesy, not truth: other processes do not see it.
	turns [64]sync.Mutex
}

// Book books an appointment and returns the position from which it can be read. The same request sent again gets the
// same result and has one effect. Patience sets an absent Until. Errors are refusals
// (appointment.ErrSlotTaken, ErrKeyReused, ErrExpired, … or Check's), ErrBusy, or faults.
func (b *Protocol) Book(ctx context.Context, origin commands.Origin, request appointment.Request) (domain.Position, error) {
	if request.Until.IsZero() {
		request.Until = b.limit()
	}
	if b.Check != nil {
		switch state, err := b.state(ctx, request.Appointment); {
		case err != nil:
			return domain.Position{}, err
		case !state.Exists():
			if err := b.Check(ctx, request); err != nil {
				return domain.Position{}, err
			}
		}
	}
	if _, err := b.run(ctx, origin, request); err != nil {
		return domain.Position{}, err
	}
	return b.conclude(ctx, origin, request.Appointment, 0)
}

// Move moves a booked appointment. The old visit is valid until the new one is confirmed. The same Wish moves once; an
// absent one is the id of the origin. An absent At is now.
func (b *Protocol) Move(
	ctx context.Context, origin commands.Origin, move appointment.RequestReschedule,
) (domain.Position, error) {
	if move.At.IsZero() {
		move.At = b.Engine.Now()
	}
	if move.Until.IsZero() {
		move.Until = b.limit()
	}
	if move.RequestID == uuid.Nil {
		move.RequestID = origin.ID()
	}
	if b.CheckMove != nil {
		state, err := b.state(ctx, move.Appointment)
		if err != nil {
			return domain.Position{}, err
		}
		if _, asked := state.MoveRequested(move.RequestID); !asked {
			if err := b.CheckMove(ctx, move); err != nil {
				return domain.Position{}, err
			}
		}
	}
	position, err := b.run(ctx, origin, move)
	if err != nil {
		return domain.Position{}, err
	}
	state, err := b.state(ctx, move.Appointment)
	if err != nil {
		return domain.Position{}, err
	}
	attempt, asked := state.MoveRequested(move.RequestID)
	if !asked {
		return position, nil // it stands there already
	}
	return b.conclude(ctx, origin, move.Appointment, attempt.Sequence)
}

// Cancel ends an appointment, or withdraws a request. An absent At is now.
func (b *Protocol) Cancel(ctx context.Context, origin commands.Origin, cancel appointment.Cancel) (domain.Position, error) {
	if cancel.At.IsZero() {
		cancel.At = b.Engine.Now()
	}
	position, err := b.run(ctx, origin, cancel)
	if err == nil {
		b.tidy(ctx, origin, cancel.Appointment)
	}
	return position, err
}

// Decline rejects a booking request on behalf of the staff.
func (b *Protocol) Decline(
	ctx context.Context, origin commands.Origin, decline appointment.Decline,
) (domain.Position, error) {
	position, err := b.run(ctx, origin, decline)
	if err == nil {
		b.tidy(ctx, origin, decline.Appointment)
	}
	return position, err
}

// conclude takes the holds of an open attempt and decides it.
func (b *Protocol) conclude(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, sequence int,
) (domain.Position, error) {
	state, err := b.state(ctx, id)
	if err != nil {
		return domain.Position{}, err
	}
	if attempt := state.Attempts[sequence]; attempt.Outcome == appointment.OutcomeOpen {
		held := b.hold(ctx, origin, id, attempt)
		if refusal, refused := domain.AsRefusal(held); refused {
			_, held = b.run(ctx, origin, abandoning(id, sequence, refusal.Code, b.Engine.Now()))
			if held == nil {
				b.tidy(ctx, origin, id)
				return domain.Position{}, refusal
			}
		}
		// ErrDecided: another run of the same request took the holds and won. Its result is ours.
		if held != nil && !errors.Is(held, appointment.ErrDecided) {
			return domain.Position{}, held
		}
	}
	position, err := b.run(ctx, origin, deciding(id, sequence))
	if _, refused := domain.AsRefusal(err); refused || err == nil {
		b.tidy(ctx, origin, id)
	}
	return position, err
}

func deciding(id domain.AppointmentID, sequence int) domain.Command {
	if sequence == 0 {
		return appointment.Book{Appointment: id}
	}
	return appointment.Reschedule{Appointment: id, Sequence: sequence}
}

func abandoning(id domain.AppointmentID, sequence int, reason string, at time.Time) domain.Command {
	if sequence == 0 {
		return appointment.Abandon{Appointment: id, Reason: reason, At: at}
	}
	return appointment.AbandonReschedule{Appointment: id, Sequence: sequence, Reason: reason, At: at}
}

// hold takes every leg of an attempt, in canonical order.
func (b *Protocol) hold(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, attempt appointment.Attempt,
) error {
	for _, leg := range attempt.Visit.Legs {
		units, err := b.Units(ctx, leg.Resource)
		if err != nil {
			return fmt.Errorf("units of resource %s: %w", leg.Resource, err)
		}
		for _, month := range diary.Months(leg.Interval) {
			if err := b.holdIn(ctx, origin, diary.Hold{
				Resource: leg.Resource, Month: month, Appointment: id, Sequence: attempt.Sequence,
				Interval: leg.Interval, Units: leg.Units, Capacity: units, Until: attempt.Until,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// holdIn takes units in one diary. It releases blocking holds that are dead and tries again.
func (b *Protocol) holdIn(ctx context.Context, origin commands.Origin, hold diary.Hold) error {
	for range maxHoldRounds {
		switch err := b.holdOnce(ctx, origin, hold); {
		case errors.Is(err, commands.ErrBusy) && ctx.Err() == nil:
		case errors.Is(err, diary.ErrSlotTaken):
			freed, helped := b.help(ctx, origin, hold)
			if helped != nil {
				return helped
			}
			if !freed {
				return err
			}
		default:
			return err
		}
	}
	return commands.ErrBusy
}

func (b *Protocol) holdOnce(ctx context.Context, origin commands.Origin, hold diary.Hold) error {
	turn := &b.turns[(int(hold.Resource.UUID[0])+int(hold.Month))%len(b.turns)]
	turn.Lock()
	defer turn.Unlock()
	_, err := b.run(ctx, origin, hold)
	return err
}

func (b *Protocol) limit() time.Time {
	if b.Patience > 0 {
		return b.Engine.Now().Add(b.Patience)
	}
	return b.Engine.Now().Add(defaultPatience)
}

// run carries out one step of a booking. Its id derives from the origin's and from every field of the step, so the
// store takes only the very same step for a repetition.
func (b *Protocol) run(ctx context.Context, origin commands.Origin, step domain.Command) (domain.Position, error) {
	if origin.ID() != uuid.Nil {
		origin = origin.WithID(domain.DeriveUUID(origin.ID(), fmt.Sprintf("%T%+v", step, step)))
	}
	return b.Engine.Do(ctx, origin, step)
}

func (b *Protocol) state(ctx context.Context, id domain.AppointmentID) (appointment.State, error) {
	state, _, err := commands.Load(ctx, b.Engine, appointment.Decider, appointment.StreamOf(id))
	return state, err
}
