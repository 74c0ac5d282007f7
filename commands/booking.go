package commands

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

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
type Booking struct {
	Engine *Engine
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

// Book books an appointment and answers the position from which it can be read. The same request asked again
// gets the same answer and has one effect. An absent Until is set by Patience. Errors are refusals
// (appointment.ErrSlotTaken, ErrKeyReused, ErrExpired, … or Check's), ErrBusy, or faults.
func (b *Booking) Book(ctx context.Context, request appointment.Request) (domain.Position, error) {
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
	if _, err := b.run(ctx, request); err != nil {
		return domain.Position{}, err
	}
	return b.conclude(ctx, request.Appointment, 0)
}

// Move moves a standing appointment; the old visit stands until the new one does. The same Wish moves once: an
// absent one is that of the origin. An absent At is now.
func (b *Booking) Move(ctx context.Context, move appointment.RequestReschedule) (domain.Position, error) {
	if move.At.IsZero() {
		move.At = b.Engine.Now()
	}
	if move.Until.IsZero() {
		move.Until = b.limit()
	}
	if move.RequestID == uuid.Nil {
		move.RequestID = OriginOf(ctx).ID
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
	position, err := b.run(ctx, move)
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
	return b.conclude(ctx, move.Appointment, attempt.Sequence)
}

// Cancel ends an appointment, or withdraws a request. An absent At is now.
func (b *Booking) Cancel(ctx context.Context, cancel appointment.Cancel) (domain.Position, error) {
	if cancel.At.IsZero() {
		cancel.At = b.Engine.Now()
	}
	position, err := b.run(ctx, cancel)
	if err == nil {
		b.tidy(ctx, cancel.Appointment)
	}
	return position, err
}

// Decline is the staff's no to a request.
func (b *Booking) Decline(ctx context.Context, decline appointment.Decline) (domain.Position, error) {
	position, err := b.run(ctx, decline)
	if err == nil {
		b.tidy(ctx, decline.Appointment)
	}
	return position, err
}

// conclude holds what an open attempt needs and decides it.
func (b *Booking) conclude(ctx context.Context, id domain.AppointmentID, sequence int) (domain.Position, error) {
	state, err := b.state(ctx, id)
	if err != nil {
		return domain.Position{}, err
	}
	if attempt := state.Attempts[sequence]; attempt.Outcome == appointment.OutcomeOpen {
		held := b.hold(ctx, id, attempt)
		if refusal, refused := domain.AsRefusal(held); refused {
			_, held = b.run(ctx, abandoning(id, sequence, refusal.Code, b.Engine.Now()))
			if held == nil {
				b.tidy(ctx, id)
				return domain.Position{}, refusal
			}
		}
		// ErrDecided: another run of the same wish held everything and won. Its answer is ours.
		if held != nil && !errors.Is(held, appointment.ErrDecided) {
			return domain.Position{}, held
		}
	}
	position, err := b.run(ctx, deciding(id, sequence))
	if _, refused := domain.AsRefusal(err); refused || err == nil {
		b.tidy(ctx, id)
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
func (b *Booking) hold(ctx context.Context, id domain.AppointmentID, attempt appointment.Attempt) error {
	for _, leg := range attempt.Visit.Legs {
		units, err := b.Units(ctx, leg.Resource)
		if err != nil {
			return fmt.Errorf("units of resource %s: %w", leg.Resource, err)
		}
		for _, month := range diary.Months(leg.Interval) {
			if err := b.holdIn(ctx, diary.Hold{
				Resource: leg.Resource, Month: month, Appointment: id, Sequence: attempt.Sequence,
				Interval: leg.Interval, Units: leg.Units, Capacity: units, Until: attempt.Until,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// holdIn takes units in one diary, helping whoever is in the way and has no right to be.
func (b *Booking) holdIn(ctx context.Context, hold diary.Hold) error {
	for range maxHoldRounds {
		switch err := b.holdOnce(ctx, hold); {
		case errors.Is(err, ErrBusy) && ctx.Err() == nil:
		case errors.Is(err, diary.ErrSlotTaken):
			freed, helped := b.help(ctx, hold)
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
	return ErrBusy
}

func (b *Booking) holdOnce(ctx context.Context, hold diary.Hold) error {
	turn := &b.turns[(int(hold.Resource.UUID[0])+int(hold.Month))%len(b.turns)]
	turn.Lock()
	defer turn.Unlock()
	_, err := b.run(ctx, hold)
	return err
}

func (b *Booking) limit() time.Time {
	if b.Patience > 0 {
		return b.Engine.Now().Add(b.Patience)
	}
	return b.Engine.Now().Add(defaultPatience)
}

// run is one step of a wish. Its identity is the wish and everything the step says, so that two runs of one wish
// that differ in any word are two steps to the store: only the same step is ever taken for done already.
func (b *Booking) run(ctx context.Context, step domain.Command) (domain.Position, error) {
	origin := OriginOf(ctx)
	if origin.ID != uuid.Nil {
		origin.ID = domain.DeriveUUID(origin.ID, fmt.Sprintf("%T%+v", step, step))
	}
	return b.Engine.Do(WithOrigin(ctx, origin), step)
}

func (b *Booking) state(ctx context.Context, id domain.AppointmentID) (appointment.State, error) {
	state, _, err := Load(ctx, b.Engine, appointment.Decider, appointment.StreamOf(id))
	return state, err
}
