package httpapi

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
)

func (h *handlers) ShowLinks(ctx context.Context, r api.ShowLinksRequestObject) (api.ShowLinksResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	if _, err := h.appointmentOf(ctx, r.Account, id); err != nil {
		return nil, err
	}
	manage, err := h.ByLink.Links.Manage(ctx, id)
	return api.ShowLinks200JSONResponse{Manage: manage}, err
}

func (h *handlers) RevokeLinks(
	ctx context.Context, r api.RevokeLinksRequestObject,
) (api.RevokeLinksResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	state, err := h.appointmentOf(ctx, r.Account, id)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, appointment.RevokeLinks{Appointment: id, Generation: state.Links + 1})
	return api.RevokeLinks200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

// appointmentOf returns an appointment as a write is decided on it. It refuses one of another account.
func (h *handlers) appointmentOf(
	ctx context.Context, account uuid.UUID, id domain.AppointmentID,
) (appointment.State, error) {
	state, _, err := commands.LoadKnown(ctx, h.Engine, appointment.Decider, appointment.StreamOf(id))
	if err == nil && (!state.Exists() || state.Account.UUID != account) {
		err = appointment.ErrUnknown
	}
	return state, err
}

func (h *handlers) MarkContacted(
	ctx context.Context, r api.MarkContactedRequestObject,
) (api.MarkContactedResponseObject, error) {
	id := domain.MessageID{UUID: r.Message}
	outcome, err := h.run(ctx, message.MarkContacted{Message: id, By: message.ByStaff, At: h.Engine.Now()})
	return api.MarkContacted200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) ShowManaged(
	ctx context.Context, r api.ShowManagedRequestObject,
) (api.ShowManagedResponseObject, error) {
	shown, err := h.ByLink.Show(ctx, r.Token)
	return api.ShowManaged200JSONResponse(managedAppointment(shown)), err
}

func (h *handlers) ListManagedStarts(
	ctx context.Context, r api.ListManagedStartsRequestObject,
) (api.ListManagedStartsResponseObject, error) {
	shown, err := h.ByLink.Show(ctx, r.Token)
	if err != nil {
		return nil, err
	}
	zone, err := domain.ParseZone(shown.Attempt.Visit.Zone)
	if err != nil {
		return nil, err
	}
	found, err := h.ByLink.Starts(ctx, r.Token, domain.Interval{
		Start: midnight(r.Params.From.Time, zone), End: midnight(r.Params.To.Time, zone),
	})
	return startList{zone, found, false}, err
}

func (h *handlers) ConfirmManaged(
	ctx context.Context, r api.ConfirmManagedRequestObject,
) (api.ConfirmManagedResponseObject, error) {
	done, err := h.managed(ctx, r.Token, func(request uuid.UUID) (commands.Outcome, error) {
		return h.ByLink.Confirm(ctx, r.Token, request)
	})
	return api.ConfirmManaged200JSONResponse{ManagedDoneJSONResponse: done}, err
}

func (h *handlers) MoveManaged(
	ctx context.Context, r api.MoveManagedRequestObject,
) (api.MoveManagedResponseObject, error) {
	done, err := h.managed(ctx, r.Token, func(request uuid.UUID) (commands.Outcome, error) {
		return h.ByLink.Move(ctx, r.Token, request, domain.Microseconds(r.Body.Start))
	})
	return api.MoveManaged200JSONResponse{ManagedDoneJSONResponse: done}, err
}

func (h *handlers) CancelManaged(
	ctx context.Context, r api.CancelManagedRequestObject,
) (api.CancelManagedResponseObject, error) {
	reason := domain.Private{}
	if r.Body.Reason != "" {
		reason = domain.Secret(r.Body.Reason)
	}
	done, err := h.managed(ctx, r.Token, func(request uuid.UUID) (commands.Outcome, error) {
		return h.ByLink.Cancel(ctx, r.Token, request, reason)
	})
	return api.CancelManaged200JSONResponse{ManagedDoneJSONResponse: done}, err
}

// managed does what the holder of a link wants, and returns the appointment as it is then. When it is too late, the
// refusal says how to reach the business.
func (h *handlers) managed(
	ctx context.Context, token string, do func(request uuid.UUID) (commands.Outcome, error),
) (api.ManagedDoneJSONResponse, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return api.ManagedDoneJSONResponse{}, err
	}
	outcome, failed := do(write.Origin.ID())
	if failed != nil && !errors.Is(failed, appointment.ErrCutOff) {
		return api.ManagedDoneJSONResponse{}, failed
	}
	shown, err := h.ByLink.Show(ctx, token)
	if err == nil && failed != nil {
		err = domain.Refusef(appointment.ErrCutOff.Reason, appointment.ErrCutOff.Code, "%s", tooLate(shown))
	}
	return api.ManagedDoneJSONResponse{
		Body:    managedAppointment(shown),
		Headers: api.ManagedDoneResponseHeaders{ClickbookPosition: outcome.Position.String()},
	}, err
}

func managedAppointment(shown booking.Shown) api.ManagedAppointment {
	state, visit := shown.Appointment, shown.Attempt.Visit
	managed := api.ManagedAppointment{
		Business: api.Business{
			Name: shown.Account.Name.Reveal(), Phone: shown.Account.Phone.Reveal(), Email: shown.Account.Email.Reveal(),
		},
		Service: shown.Service, With: each(shown.With, func(name string) string { return name }),
		Start: visit.Start.UTC(), End: visit.End.UTC(), Local: visit.Local, Zone: visit.Zone, Locale: shown.Account.Locale,
		Status: api.AppointmentStatus(state.Status), Confirmed: state.Confirmed, Sequence: state.Sequence,
		CanConfirm: shown.Confirm == nil && !state.Confirmed, CanMove: shown.Move == nil, CanCancel: shown.Cancel == nil,
	}
	if errors.Is(shown.Move, appointment.ErrCutOff) || errors.Is(shown.Cancel, appointment.ErrCutOff) {
		managed.TooLate = tooLate(shown)
	}
	return managed
}

// tooLate says how to reach the business.
func tooLate(shown booking.Shown) string {
	how := "contact " + shown.Account.Name.Reveal()
	if phone := shown.Account.Phone.Reveal(); phone != "" {
		how = "phone " + shown.Account.Name.Reveal() + ", " + phone
	}
	return "it is too late to change this appointment here; please " + how
}
