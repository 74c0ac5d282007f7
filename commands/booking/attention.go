package booking

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// Touching selects the appointments that a change is about. Exactly one field is set.
type Touching struct {
	Resource domain.ResourceID
	Service  domain.ServiceID
	Client   domain.ClientID
}

// Ahead finds the booked appointments of an account that have not ended and touch something. It must know everything
// that was booked before the call.
type Ahead interface {
	Ahead(ctx context.Context, account domain.AccountID, what Touching) ([]domain.AppointmentID, error)
}

// Attention keeps the work list of the staff: booked appointments that rely on something that is gone.
type Attention struct {
	Bookings
	Ahead Ahead
}

// Recheck compares the appointments that touch something with what they rely on, and puts them on the work list or
// takes them off. It returns those that need attention, in the order of Ahead, and the position of the last change,
// zero if there is none. It looks at what is now, not at what has changed, so it may run at any time and again.
func (a Attention) Recheck(
	ctx context.Context, account domain.AccountID, what Touching,
) (needing []domain.AppointmentID, last domain.Position, err error) {
	found, err := a.Ahead.Ahead(ctx, account, what)
	for _, id := range found {
		open, position, err := a.recheck(ctx, account, id)
		if err != nil {
			return needing, last, err
		}
		if !position.IsZero() {
			last = position
		}
		if open {
			needing = append(needing, id)
		}
	}
	return needing, last, err
}

// recheck raises what is new about one appointment and drops what was undone. It reports whether anything is open.
func (a Attention) recheck(
	ctx context.Context, account domain.AccountID, id domain.AppointmentID,
) (open bool, last domain.Position, err error) {
	state, revision, err := a.appointmentOf(ctx, account, id)
	if err != nil {
		return false, last, err
	}
	gone, err := a.Openings.Gone(ctx, state)
	if err != nil {
		return false, last, err
	}
	open = state.NeedsAttention(appointment.ZoneRules, uuid.Nil)
	var changes []domain.Command
	for _, concern := range gone {
		known := has(state.Concerns, concern)
		if !known {
			changes = append(changes, appointment.RaiseAttention{
				Appointment: id, Reason: concern.Reason, Source: concern.Source,
			})
		}
		open = open || !known || state.NeedsAttention(concern.Reason, concern.Source)
	}
	for _, concern := range state.Concerns {
		if concern.Reason != appointment.ZoneRules && !has(gone, concern) {
			changes = append(changes, appointment.DropAttention{
				Appointment: id, Reason: concern.Reason, Source: concern.Source,
			})
		}
	}
	for _, change := range changes {
		origin := commands.ForAccount(account, domain.Actor{ID: "attention", Channel: "policy"}).
			WithID(domain.DeriveUUID("attention", id, revision, fmt.Sprintf("%T%+v", change, change))).
			WithCause(uuid.Nil, id.UUID)
		if last, err = a.Engine.Do(ctx, origin, change); err != nil {
			return open, last, err
		}
	}
	return open, last, nil
}

func has(concerns []appointment.Concern, one appointment.Concern) bool {
	return slices.ContainsFunc(concerns, func(c appointment.Concern) bool {
		return c.Reason == one.Reason && c.Source == one.Source
	})
}

// Handler rechecks after each change that may leave appointments without what they rely on, or give it back. The
// request that makes the change usually rechecks already; the handler is for a crash in between.
func (a Attention) Handler() commands.Handler {
	react := func(ctx context.Context, _ commands.Origin, r domain.Recorded) error {
		var what Touching
		switch e := r.Event.(type) {
		case resource.TimeBlockAdded:
			what.Resource = e.Resource
		case resource.TimeBlockRemoved:
			what.Resource = e.Resource
		case resource.WeeklyHoursSet:
			what.Resource = e.Resource
		case resource.ResourceRetired:
			what.Resource = e.Resource
		case resource.ResourceReinstated:
			what.Resource = e.Resource
		case service.ServiceRetired:
			what.Service = e.Service
		case service.ServiceReinstated:
			what.Service = e.Service
		case client.ClientErased:
			what.Client = e.Client
		default:
			return domain.Unexpected(r)
		}
		_, _, err := a.Recheck(ctx, r.Meta.Account, what)
		return err
	}
	return commands.Handler{
		Name: "attention", React: react,
		Types: domain.NamesOf(resource.TimeBlockAdded{}, resource.TimeBlockRemoved{}, resource.WeeklyHoursSet{},
			resource.ResourceRetired{}, resource.ResourceReinstated{}, service.ServiceRetired{},
			service.ServiceReinstated{}, client.ClientErased{}),
	}
}
