package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
)

func (h *handlers) ApproveAppointment(
	ctx context.Context, r api.ApproveAppointmentRequestObject,
) (api.ApproveAppointmentResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	decision := booking.Decision{
		Appointment: domain.AppointmentID{UUID: r.Appointment}, Account: domain.AccountID{UUID: r.Account},
		Silent: r.Body != nil && silent(r.Body.Notify),
	}
	shown, err := h.decide(ctx, decision, h.Booking.Approve)
	return api.ApproveAppointment200JSONResponse{AppointmentDoneJSONResponse: appointmentDone(shown)}, err
}

func (h *handlers) DeclineAppointment(
	ctx context.Context, r api.DeclineAppointmentRequestObject,
) (api.DeclineAppointmentResponseObject, error) {
	decision := booking.Decision{
		Appointment: domain.AppointmentID{UUID: r.Appointment}, Account: domain.AccountID{UUID: r.Account},
		Silent: r.Body != nil && silent(r.Body.Notify),
	}
	if r.Body != nil && r.Body.Reason != "" {
		decision.Reason = domain.Secret(r.Body.Reason)
	}
	shown, err := h.decide(ctx, decision, h.Booking.Refuse)
	return api.DeclineAppointment200JSONResponse{AppointmentDoneJSONResponse: appointmentDone(shown)}, err
}

// decide carries out a decision of the staff about a pending appointment.
func (h *handlers) decide(
	ctx context.Context, decision booking.Decision,
	by func(context.Context, commands.Origin, booking.Decision) (commands.Outcome, error),
) (api.Appointment, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return api.Appointment{}, err
	}
	decision.Expected = write.Expected
	outcome, err := by(ctx, write.Origin, decision)
	outcome, err = h.finish(ctx, write, outcome, err)
	return h.appointmentAfter(ctx, decision.Appointment, outcome, err)
}
