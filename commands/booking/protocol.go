// Package booking takes, moves and cancels appointments. Bookings is the use case that callers use. Protocol books
// through diaries that share no transaction, without double booking. The package decides nothing about opening hours:
// package openings does.
package booking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

const (
	// defaultTimeout is how long an attempt may stay open before anybody may abandon it.
	defaultTimeout = 30 * time.Second
	// maxHoldRounds bounds how often one hold is tried again after releasing others or after the engine was busy.
	maxHoldRounds = 32
	// maxBlockersChecked bounds how many blocking holds one attempt looks into; the sweeper gets the rest.
	maxBlockersChecked = 64
)

// Protocol books appointments through diaries that share no transaction. The units of confirmed appointments never
// exceed what a resource has, on any store that checks the expected revision of an append. A booking has four steps:
//
//  1. Append the request to the appointment's own, empty stream.
//  2. Hold each leg in its diaries. The order is canonical, so no two bookings wait for each other.
//  3. Decide with one append to the appointment's stream: Booked or Abandoned. Nothing else decides.
//  4. Release the holds of attempts that are abandoned or superseded.
//
// A visitor may hold a start before step 1: Hold makes the holds of step 2 early, and the request takes them over. A
// move takes the same steps and keeps the old visit's holds until Rescheduled is appended. A cancellation decides
// first and releases afterwards. A booking that meets a hold of an ended attempt, or of an open one past its time
// limit, ends that attempt itself and continues: no booking waits for a crashed process. Time limits say who may
// interfere; they never decide which booking is valid. An error other than a refusal, such as a busy store or a lost
// connection, leaves the attempt open: the same request continues it, and past its limit anybody may abandon it.
type Protocol struct {
	Engine  *commands.Engine
	Timeout time.Duration // how long an attempt may stay open; 0 means 30 seconds
	Log     *slog.Logger  // nil means none

	// limits let the bookings of one service with limits run in turn; see Bookings.lockLimits.
	limits [64]sync.Mutex
}

// Book books an appointment and returns the outcome of its last step. The same request sent again gets the same result
// and has one effect. A zero Until is set to the time limit. Errors are refusals
// (appointment.ErrSlotTaken, ErrKeyReused, ErrExpired, …), commands.ErrBusy, or faults.
func (b *Protocol) Book(
	ctx context.Context, origin commands.Origin, request appointment.Request,
) (commands.Outcome, error) {
	return b.book(ctx, origin, request, override{}, false)
}

// override is what the staff break with a visit, and why. The zero override breaks nothing.
type override struct {
	rules  []string
	reason domain.Private
}

func (b *Protocol) book(
	ctx context.Context, origin commands.Origin, request appointment.Request, with override, silent bool,
) (commands.Outcome, error) {
	if request.Until.IsZero() {
		request.Until = b.limit()
	}
	requested, err := b.run(ctx, origin, request)
	if err != nil {
		return commands.Outcome{}, err
	}
	if err := b.overrule(ctx, origin, request.Appointment, 0, with); err != nil {
		return commands.Outcome{}, err
	}
	if request.Approval { // Approve or Decline decides it
		return requested, b.reserve(ctx, origin, request.Appointment, 0)
	}
	return b.conclude(ctx, origin, request.Appointment, 0, silent)
}

// overrule records an override before the attempt is decided, so no confirmed visit breaks a rule without a reason.
func (b *Protocol) overrule(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, sequence int, with override,
) error {
	if len(with.rules) == 0 {
		return nil
	}
	_, err := b.run(ctx, origin, appointment.Overrule{
		Appointment: id, Sequence: sequence, Rules: with.rules, Reason: with.reason,
	})
	return err
}

// Move moves a booked appointment. The old visit is valid until the new one is confirmed. The same RequestID moves
// once; a zero one is set to the id of the origin. A zero At means now.
func (b *Protocol) Move(
	ctx context.Context, origin commands.Origin, move appointment.RequestReschedule,
) (commands.Outcome, error) {
	return b.move(ctx, origin, move, override{}, false)
}

func (b *Protocol) move(
	ctx context.Context, origin commands.Origin, move appointment.RequestReschedule, with override, silent bool,
) (commands.Outcome, error) {
	if move.At.IsZero() {
		move.At = b.Engine.Now()
	}
	if move.Until.IsZero() {
		move.Until = b.limit()
	}
	if move.RequestID == uuid.Nil {
		move.RequestID = origin.ID()
	}
	outcome, err := b.run(ctx, origin, move)
	if err != nil {
		return commands.Outcome{}, err
	}
	state, err := b.state(ctx, move.Appointment)
	if err != nil {
		return commands.Outcome{}, err
	}
	attempt, opened := state.MoveRequested(move.RequestID)
	if !opened {
		return outcome, nil // the appointment is at this visit already
	}
	if err := b.overrule(ctx, origin, move.Appointment, attempt.Sequence, with); err != nil {
		return commands.Outcome{}, err
	}
	return b.conclude(ctx, origin, move.Appointment, attempt.Sequence, silent)
}

// reinstate books a cancelled appointment again, in the steps of a move.
func (b *Protocol) reinstate(
	ctx context.Context, origin commands.Origin, request appointment.RequestReinstatement, silent bool,
) (commands.Outcome, error) {
	outcome, err := b.run(ctx, origin, request)
	if err != nil {
		return commands.Outcome{}, err
	}
	state, err := b.state(ctx, request.Appointment)
	if err != nil {
		return commands.Outcome{}, err
	}
	attempt, opened := state.MoveRequested(request.RequestID)
	if !opened {
		return outcome, nil // it is booked already
	}
	return b.conclude(ctx, origin, request.Appointment, attempt.Sequence, silent)
}

// Cancel ends an appointment, or withdraws a request. A zero At means now.
func (b *Protocol) Cancel(
	ctx context.Context, origin commands.Origin, cancel appointment.Cancel,
) (commands.Outcome, error) {
	if cancel.At.IsZero() {
		cancel.At = b.Engine.Now()
	}
	outcome, err := b.run(ctx, origin, cancel)
	if err == nil {
		b.cleanUp(ctx, origin, cancel.Appointment)
	}
	return outcome, err
}

// Approve books a request that needs approval on behalf of the staff.
func (b *Protocol) Approve(
	ctx context.Context, origin commands.Origin, approve appointment.Approve,
) (commands.Outcome, error) {
	return b.decide(ctx, origin, approve.Appointment, 0, approve)
}

// Decline rejects a booking request on behalf of the staff.
func (b *Protocol) Decline(
	ctx context.Context, origin commands.Origin, decline appointment.Decline,
) (commands.Outcome, error) {
	outcome, err := b.run(ctx, origin, decline)
	if err == nil {
		b.cleanUp(ctx, origin, decline.Appointment)
	}
	return outcome, err
}

// conclude takes the holds of an open attempt and decides it. If it is silent nobody is told.
func (b *Protocol) conclude(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, sequence int, silent bool,
) (commands.Outcome, error) {
	return b.decide(ctx, origin, id, sequence, confirmCommand(id, sequence, silent))
}

// decide takes the holds of an open attempt and then confirms it by a command.
func (b *Protocol) decide(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, sequence int, confirm domain.Command,
) (commands.Outcome, error) {
	if err := b.reserve(ctx, origin, id, sequence); err != nil {
		return commands.Outcome{}, err
	}
	outcome, err := b.run(ctx, origin, confirm)
	if _, refused := domain.AsRefusal(err); refused || err == nil {
		b.cleanUp(ctx, origin, id)
	}
	return outcome, err
}

// reserve takes the holds of an attempt if it is open. If it cannot have them it is abandoned.
func (b *Protocol) reserve(
	ctx context.Context, origin commands.Origin, id domain.AppointmentID, sequence int,
) error {
	state, err := b.state(ctx, id)
	if err != nil {
		return err
	}
	attempt := state.Attempts[sequence]
	if attempt.Outcome != appointment.OutcomeOpen {
		return nil
	}
	held := b.hold(ctx, origin, id, attempt)
	err = held
	if refusal, refused := domain.AsRefusal(held); refused {
		_, held = b.run(ctx, origin, abandonCommand(id, sequence, refusal.Code, b.Engine.Now()))
		if held == nil {
			b.cleanUp(ctx, origin, id)
			return err
		}
	}
	// ErrDecided: another run of the same request has decided it. Its result is this one's too.
	if errors.Is(held, appointment.ErrDecided) {
		return nil
	}
	return held
}

func confirmCommand(id domain.AppointmentID, sequence int, silent bool) domain.Command {
	if sequence == 0 {
		return appointment.Book{Appointment: id, Silent: silent}
	}
	return appointment.Reschedule{Appointment: id, Sequence: sequence, Silent: silent}
}

func abandonCommand(id domain.AppointmentID, sequence int, reason string, at time.Time) domain.Command {
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
		units, err := unitsOf(ctx, b.Engine, leg.Resource)
		if err != nil {
			return fmt.Errorf("units of resource %s: %w", leg.Resource, err)
		}
		for _, month := range diary.Months(leg.Interval) {
			if err := b.holdIn(ctx, origin, diary.Hold{
				Resource: leg.Resource, Month: month, Appointment: id, Sequence: attempt.Sequence,
				Interval: leg.Interval, Units: leg.Units, Capacity: units, Until: attempt.Until,
			}); err != nil {
				if refusal, refused := domain.AsRefusal(err); refused {
					return &Shortage{refusal, leg, units}
				}
				return err
			}
		}
	}
	return nil
}

// holdIn takes units in one diary. It releases blocking holds of ended attempts and tries again.
func (b *Protocol) holdIn(ctx context.Context, origin commands.Origin, hold diary.Hold) error {
	for range maxHoldRounds {
		switch _, err := b.run(ctx, origin, hold); {
		case errors.Is(err, commands.ErrBusy) && ctx.Err() == nil:
		case errors.Is(err, diary.ErrSlotTaken):
			released, failed := b.releaseBlocking(ctx, origin, hold)
			if failed != nil {
				return failed
			}
			if !released {
				return err
			}
		default:
			return err
		}
	}
	return commands.ErrBusy
}

// limit returns the time limit of an attempt that is opened now.
func (b *Protocol) limit() time.Time {
	if b.Timeout > 0 {
		return b.Engine.Now().Add(b.Timeout)
	}
	return b.Engine.Now().Add(defaultTimeout)
}

// run carries out one step of a booking. Its id derives from the origin's and from every field of the step, so the
// store recognises only an identical step as a repetition.
func (b *Protocol) run(ctx context.Context, origin commands.Origin, step domain.Command) (commands.Outcome, error) {
	if origin.ID() != uuid.Nil {
		origin = origin.WithID(domain.DeriveUUID(origin.ID(), nameOf(step)))
	}
	return b.Engine.Run(ctx, origin, step)
}

// nameOf returns every field of a step as text. A step that is not silent and needs no approval has the name that it
// had before there was either, so a retry after an upgrade is recognised.
func nameOf(step domain.Command) string {
	name := fmt.Sprintf("%T%+v", step, step)
	for _, later := range []string{" Silent:false}", " Approval:false}"} {
		if earlier, found := strings.CutSuffix(name, later); found {
			return earlier + "}"
		}
	}
	return name
}

func (b *Protocol) state(ctx context.Context, id domain.AppointmentID) (appointment.State, error) {
	state, _, err := commands.Load(ctx, b.Engine, appointment.Decider, appointment.StreamOf(id))
	return state, err
}
