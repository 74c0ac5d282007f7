package visiting

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

const (
	// HoldTime is how long a start is held for a visitor, and by how much they can extend it once.
	HoldTime = 10 * time.Minute
	// KeepTime is how long a start is held until the visitor confirms their email address.
	KeepTime = 30 * time.Minute
)

// Wanted is a start that a visitor wants to hold.
type Wanted struct {
	Choice
	Start    time.Time
	Replaces string    // the token of the hold that the visitor has already, "" if none: it is released
	From     string    // the network address of the visitor, for Limits
	Request  uuid.UUID // the same request holds once
}

// Held is a start that is held, as its visitor sees it.
type Held struct {
	Token   string // who has it can extend, release and book
	Service domain.ServiceID
	Name    string   // of the service
	With    []string // the names of the staff and rooms
	Start   time.Time
	End     time.Time
	Zone    string // of the business
	Until   time.Time
	Left    time.Duration // until then, by the clock of the server
	Extends bool          // Extend gives more time
	Email   bool          // it waits for the visitor to use the link in an email
	Booked  *Booked       // the appointment, once it is booked
}

// Taken is the refusal of a start that is not free, with others that are.
type Taken struct {
	*domain.Refusal
	Alternatives []Start
}

// Unwrap returns the refusal, for errors.Is and domain.AsRefusal.
func (t *Taken) Unwrap() error { return t.Refusal }

// Again is the refusal of a hold that has ended, with a new hold of the same start.
type Again struct {
	*domain.Refusal
	Held Held
}

// Unwrap returns the refusal, for errors.Is and domain.AsRefusal.
func (a *Again) Unwrap() error { return a.Refusal }

// ErrHeldAgain refuses a hold that has ended when its start is still free and is held again.
var ErrHeldAgain = domain.Refuse(domain.Disallowed, "held_again",
	"your time to fill in the form was over, but this start is still free and is held for you again; send the form again")

// Hold holds a start for HoldTime. It refuses one that is not free with *Taken. The start that the visitor held before
// is free again, so a visitor holds one at a time.
func (v *Visiting) Hold(ctx context.Context, at Page, want Wanted) (Held, error) {
	if _, err := v.service(ctx, at, want.Service); err != nil {
		return Held{}, err
	}
	if err := v.checkStaff(ctx, at, want.Service, want.Staff); err != nil {
		return Held{}, err
	}
	if err := domain.CheckInstant(want.Start); err != nil {
		return Held{}, err
	}
	if want.Replaces != "" {
		if err := v.Release(ctx, at, want.Replaces); err != nil && !isGone(err) {
			return Held{}, err
		}
	}
	id := domain.AppointmentID{UUID: domain.DeriveUUID("hold", at.ID, want.Request)}
	now := v.engine().Now()
	until := now.Add(HoldTime)
	if err := v.Limits.hold(at.ID, want.From, id, now, until); err != nil {
		return Held{}, err
	}
	_, err := v.Bookings.Hold(ctx, v.origin(at, "hold", id), booking.Hold{
		Appointment: id, Account: at.ID, Service: want.Service, Resource: want.Staff, Start: want.Start, Until: until,
	})
	if err != nil && !errors.Is(err, appointment.ErrHoldBooked) {
		v.Limits.release(id)
		return Held{}, v.taken(ctx, at, want.Choice, want.Start, err)
	}
	state, err := v.state(ctx, id)
	if err != nil {
		return Held{}, err
	}
	return v.shown(ctx, at, id, state)
}

// taken returns the refusal of a start with alternatives. A start is refused for many reasons; a visitor needs one
// sentence and another start.
func (v *Visiting) taken(ctx context.Context, at Page, of Choice, start time.Time, err error) error {
	refusal, refused := domain.AsRefusal(err)
	if !refused || refusal.Reason != domain.Disallowed {
		return err
	}
	others, failed := v.Alternatives(ctx, at, of, start)
	if failed != nil {
		return failed
	}
	return &Taken{errTaken, others}
}

var errTaken = domain.Refuse(domain.Disallowed, "slot_taken", "this time is not free any more; choose another start")

// isGone reports that a hold is not there any more, whatever became of it.
func isGone(err error) bool {
	return errors.Is(err, links.ErrLink) || errors.Is(err, appointment.ErrHoldUnknown)
}

// Show returns a hold, or the appointment that it became: the visitor may come back to the form after booking.
func (v *Visiting) Show(ctx context.Context, at Page, token string) (Held, error) {
	id, state, err := v.open(ctx, at, token)
	if err != nil {
		return Held{}, err
	}
	return v.shown(ctx, at, id, state)
}

// Extend gives the visitor HoldTime more, once. Asking again changes nothing.
func (v *Visiting) Extend(ctx context.Context, at Page, token string) (Held, error) {
	id, state, err := v.open(ctx, at, token)
	if err != nil {
		return Held{}, err
	}
	if attempt, held := state.Held(); held && attempt.Outcome == appointment.OutcomeOpen {
		_, err = v.engine().Run(ctx, v.origin(at, "extend", id), appointment.ExtendHold{Appointment: id, By: HoldTime})
		if err != nil {
			return Held{}, err
		}
		if state, err = v.state(ctx, id); err != nil {
			return Held{}, err
		}
	}
	return v.shown(ctx, at, id, state)
}

// Release ends a hold, so its start is free for others at once.
func (v *Visiting) Release(ctx context.Context, at Page, token string) error {
	id, _, err := v.open(ctx, at, token)
	if err != nil {
		return err
	}
	err = v.Bookings.EndHold(ctx, v.origin(at, "release", id), id, appointment.Withdrawn)
	v.Limits.release(id)
	return err
}

// open returns what a token of this page is for. It refuses any other text with links.ErrLink.
func (v *Visiting) open(
	ctx context.Context, at Page, token string,
) (id domain.AppointmentID, state appointment.State, err error) {
	if id, err = v.Links.OpenHold(token); err != nil {
		return id, state, err
	}
	if state, err = v.state(ctx, id); err == nil && state.Account != at.ID {
		err = links.ErrLink
	}
	return id, state, err
}

// shown returns a hold as its visitor sees it. It refuses one that has ended.
func (v *Visiting) shown(
	ctx context.Context, at Page, id domain.AppointmentID, state appointment.State,
) (Held, error) {
	held := Held{Token: v.Links.Hold(id), Service: state.Service}
	attempt, isHold := state.Held()
	if !isHold {
		attempt = state.Latest()
		booked, err := v.booked(ctx, id, state)
		if err != nil {
			return Held{}, err
		}
		held.Booked = &booked
	} else if attempt.Outcome.Ended() {
		return Held{}, appointment.ErrHoldEnded
	}
	visit := attempt.Visit
	held.Start, held.End, held.Zone = visit.Start.UTC(), visit.End.UTC(), visit.Zone
	if isHold {
		held.Until, held.Left = attempt.Until, max(attempt.Until.Sub(v.engine().Now()), 0)
		held.Email = !state.Hold.Given.IsZero()
		held.Extends = !state.Hold.Extended && !held.Email
	}
	policy, _, err := commands.Load(ctx, v.engine(), service.Decider, service.Stream(state.Service))
	if err != nil {
		return Held{}, err
	}
	held.Name = policy.Name
	held.With, err = v.with(ctx, visit)
	return held, err
}

// with returns the names of the staff and rooms of a visit.
func (v *Visiting) with(ctx context.Context, visit appointment.Visit) (names []string, err error) {
	for _, leg := range visit.Legs {
		state, _, err := commands.Load(ctx, v.engine(), resource.Decider, resource.Stream(leg.Resource))
		if err != nil {
			return nil, err
		}
		if state.Kind != "equipment" {
			names = append(names, state.Name.Reveal())
		}
	}
	return names, nil
}

// staffOf returns the member of staff of a visit, zero if there is none.
func (v *Visiting) staffOf(ctx context.Context, visit appointment.Visit) (domain.ResourceID, error) {
	for _, leg := range visit.Legs {
		state, _, err := commands.Load(ctx, v.engine(), resource.Decider, resource.Stream(leg.Resource))
		if err != nil || state.Kind == "staff" {
			return leg.Resource, err
		}
	}
	return domain.ResourceID{}, nil
}

func (v *Visiting) state(ctx context.Context, id domain.AppointmentID) (appointment.State, error) {
	state, _, err := commands.Load(ctx, v.engine(), appointment.Decider, appointment.StreamOf(id))
	return state, err
}

// origin returns the origin of a step of a visitor. A step of a hold is done once, so its id derives from the hold.
func (v *Visiting) origin(at Page, step string, id domain.AppointmentID) commands.Origin {
	step = "visitor " + step
	return commands.ForAccount(at.ID, domain.Actor{ID: "visitor", Channel: "page"}).
		WithID(domain.DeriveUUID(step, id)).WithCause(domain.DeriveUUID(step, id), id.UUID)
}
