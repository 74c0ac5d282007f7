package booking

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// ByLink is what a client does with the signed link of an appointment. The token is the whole authority: who has it may
// see, confirm, move and cancel this one appointment, on the terms that it was booked on. Every method returns
// links.ErrLink for a token that is not valid.
type ByLink struct {
	Bookings Bookings
	Links    links.Links
}

// Shown is what the holder of a link sees. It names the business and not the client, because links are forwarded.
type Shown struct {
	links.Managed
	Service string
	With    []string // the names of the staff and rooms
	Attempt appointment.Attempt

	// Why something cannot be done now, nil if it can.
	Confirm, Move, Cancel error
}

// Show returns the appointment of a link.
func (b ByLink) Show(ctx context.Context, token string) (Shown, error) {
	opened, err := b.Links.OpenManage(ctx, token)
	if err != nil {
		return Shown{}, err
	}
	return b.shown(ctx, opened)
}

func (b ByLink) shown(ctx context.Context, opened links.Managed) (Shown, error) {
	state, now := opened.Appointment, b.Bookings.Engine.Now()
	shown := Shown{
		Managed: opened, Attempt: state.Latest(),
		Confirm: state.MayConfirm(now), Move: state.MayMove(appointment.Client, now),
		Cancel: state.MayCancel(appointment.Client, now),
	}
	policy, _, err := commands.Load(ctx, b.Bookings.Engine, service.Decider, service.Stream(state.Service))
	if err != nil {
		return Shown{}, err
	}
	shown.Service = policy.Name
	seen := make(map[domain.ResourceID]bool)
	for _, leg := range shown.Attempt.Visit.Legs {
		if seen[leg.Resource] {
			continue
		}
		seen[leg.Resource] = true
		with, err := b.resource(ctx, leg.Resource)
		if err != nil {
			return Shown{}, err
		}
		if with.Kind != "equipment" {
			shown.With = append(shown.With, with.Name.Reveal())
		}
	}
	return shown, nil
}

// Confirm records that the client will come. Confirming twice is the same.
func (b ByLink) Confirm(ctx context.Context, token string, request uuid.UUID) (commands.Outcome, error) {
	opened, err := b.Links.OpenManage(ctx, token)
	if err != nil {
		return commands.Outcome{}, err
	}
	return b.Bookings.Engine.Run(ctx, originOf(opened, request),
		appointment.Confirm{Appointment: opened.ID, At: b.Bookings.Engine.Now()})
}

// Cancel cancels the appointment, or withdraws its request. Cancelling twice is the same. After the cut-off it returns
// appointment.ErrCutOff.
func (b ByLink) Cancel(
	ctx context.Context, token string, request uuid.UUID, reason domain.Private,
) (commands.Outcome, error) {
	opened, err := b.Links.OpenManage(ctx, token)
	if err != nil {
		return commands.Outcome{}, err
	}
	return b.Bookings.Cancel(ctx, originOf(opened, request), Cancellation{
		Appointment: opened.ID, Account: opened.Appointment.Account, By: appointment.Client, Reason: reason,
	})
}

// Move moves the appointment to a start that Starts returned. Its errors are those of Bookings.Move.
func (b ByLink) Move(
	ctx context.Context, token string, request uuid.UUID, start time.Time,
) (commands.Outcome, error) {
	opened, err := b.Links.OpenManage(ctx, token)
	if err != nil {
		return commands.Outcome{}, err
	}
	with, err := b.staff(ctx, opened)
	if err != nil {
		return commands.Outcome{}, err
	}
	return b.Bookings.Move(ctx, originOf(opened, request), Move{
		Appointment: opened.ID, Account: opened.Appointment.Account, Resource: with, Start: start,
		By: appointment.Client,
	})
}

// Starts returns the starts in a window that the appointment can be moved to, with the same member of staff. There are
// none when the appointment can no longer be moved.
func (b ByLink) Starts(ctx context.Context, token string, window domain.Interval) ([]availability.Start, error) {
	opened, err := b.Links.OpenManage(ctx, token)
	if err != nil {
		return nil, err
	}
	state, now := opened.Appointment, b.Bookings.Engine.Now()
	if state.MayMove(appointment.Client, now) != nil {
		return nil, nil
	}
	with, err := b.staff(ctx, opened)
	if err != nil {
		return nil, err
	}
	return b.Bookings.Openings.Between(ctx, openings.Question{
		Account: state.Account, Service: state.Service, Client: state.Client, Resource: with, Moving: opened.ID, Now: now,
	}, window)
}

// staff returns the member of staff whom the client comes to, zero if there is none: a client who moves an appointment
// wants another time, not another therapist.
func (b ByLink) staff(ctx context.Context, opened links.Managed) (domain.ResourceID, error) {
	for _, leg := range opened.Appointment.Latest().Visit.Legs {
		with, err := b.resource(ctx, leg.Resource)
		if err != nil {
			return domain.ResourceID{}, err
		}
		if with.Kind == "staff" {
			return leg.Resource, nil
		}
	}
	return domain.ResourceID{}, nil
}

func (b ByLink) resource(ctx context.Context, id domain.ResourceID) (resource.State, error) {
	state, _, err := commands.Load(ctx, b.Bookings.Engine, resource.Decider, resource.Stream(id))
	return state, err
}

// originOf returns the origin of a client's command. The same request has its effect once.
func originOf(opened links.Managed, request uuid.UUID) commands.Origin {
	actor := domain.Actor{ID: "client:" + opened.Appointment.Client.String(), Channel: "link"}
	id := domain.DeriveUUID("by link", opened.ID, request)
	return commands.ForAccount(opened.Appointment.Account, actor).WithID(id).WithCause(id, id)
}
