package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
)

func (h *handlers) BookAppointment(
	ctx context.Context, r api.BookAppointmentRequestObject,
) (api.BookAppointmentResponseObject, error) {
	start, err := startOf(ctx, r.Body.Start, r.Body.Local)
	if err != nil {
		return nil, err
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	reason, err := reasonOf(r.Body.Override)
	if err != nil {
		return nil, err
	}
	id := domain.DeriveID[domain.AppointmentID](write.Origin.ID(), "appointment")
	order := booking.Order{
		Appointment: id, Account: domain.AccountID{UUID: r.Account}, Client: domain.ClientID{UUID: r.Body.Client},
		Service: domain.ServiceID{UUID: r.Body.Service}, Resource: domain.ResourceID{UUID: r.Body.Resource}, Start: start.At,
		Override: reason, Silent: silent(r.Body.Notify), Approval: r.Body.Approval,
	}
	question := openings.Question{
		Account: order.Account, Service: order.Service, Client: order.Client, Resource: order.Resource, Now: h.Engine.Now(),
	}
	if err := h.warnOfOther(ctx, question, id, start.At, !reason.IsZero(), r.Body.Confirm); err != nil {
		return nil, err
	}
	outcome, err := h.Booking.Book(ctx, write.Origin, order)
	outcome, err = h.finish(ctx, write, outcome, err)
	shown, err := h.appointmentAfter(ctx, id, outcome, err)
	shown.Ambiguous = start.Ambiguous
	return api.BookAppointment201JSONResponse{AppointmentCreatedJSONResponse: api.AppointmentCreatedJSONResponse{
		Body: shown, Headers: api.AppointmentCreatedResponseHeaders{
			ETag: etag(domain.Revision(shown.Revision)), ClickbookPosition: shown.Position,
		},
	}}, err
}

func (h *handlers) ShowAppointment(
	ctx context.Context, r api.ShowAppointmentRequestObject,
) (api.ShowAppointmentResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	one, ok, err := h.Reader.Calendar.One(ctx, domain.AccountID{UUID: r.Account}, id)
	if err == nil && !ok {
		err = appointment.ErrUnknown
	}
	shown := shownAppointment(one)
	if err == nil {
		err = h.fillNames(ctx, &shown)
	}
	return api.ShowAppointment200JSONResponse{
		Body: shown, Headers: api.ShowAppointment200ResponseHeaders{ETag: etag(one.Revision)},
	}, err
}

func (h *handlers) ListNotes(ctx context.Context, r api.ListNotesRequestObject) (api.ListNotesResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.AppointmentID{UUID: r.Appointment}
	_, ok, err := h.Reader.Calendar.One(ctx, account, id)
	if err == nil && !ok {
		err = appointment.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Notes.Of(ctx, account, []domain.AppointmentID{id})
	return api.ListNotes200JSONResponse{Items: each(found[id], func(one projections.Note) api.Note {
		return api.Note{Text: one.Text, At: one.At}
	})}, err
}

func (h *handlers) MoveAppointment(
	ctx context.Context, r api.MoveAppointmentRequestObject,
) (api.MoveAppointmentResponseObject, error) {
	start, err := startOf(ctx, r.Body.Start, r.Body.Local)
	if err != nil {
		return nil, err
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	move := booking.Move{
		Appointment: domain.AppointmentID{UUID: r.Appointment}, Account: domain.AccountID{UUID: r.Account},
		Resource: domain.ResourceID{UUID: r.Body.Resource}, Start: start.At, By: appointment.By(r.Body.By),
		Expected: write.Expected, Silent: silent(r.Body.Notify),
	}
	if move.By == "" {
		move.By = appointment.Staff
	}
	if move.Override, err = reasonOf(r.Body.Override); err != nil {
		return nil, err
	}
	if err := h.warnOfMove(ctx, move, write.Origin.ID(), r.Body.Confirm); err != nil {
		return nil, err
	}
	outcome, err := h.Booking.Move(ctx, write.Origin, move)
	outcome, err = h.finish(ctx, write, outcome, err)
	shown, err := h.appointmentAfter(ctx, move.Appointment, outcome, err)
	shown.Ambiguous = start.Ambiguous
	return api.MoveAppointment200JSONResponse{AppointmentDoneJSONResponse: appointmentDone(shown)}, err
}

// warnOfMove warns of a client who would be at two places at once. A move that was requested before is not asked again.
func (h *handlers) warnOfMove(ctx context.Context, move booking.Move, id uuid.UUID, confirmed api.Confirm) error {
	state, _, err := commands.Load(ctx, h.Engine, appointment.Decider, appointment.StreamOf(move.Appointment))
	_, known := state.MoveRequested(id)
	if err != nil || known || state.Account != move.Account || state.MayMove(move.By, h.Engine.Now()) != nil {
		return err // Move refuses what may not be moved
	}
	return h.warnOfOther(ctx, openings.Question{
		Account: move.Account, Service: state.Service, Client: state.Client, Resource: move.Resource,
		Moving: move.Appointment, Now: h.Engine.Now(),
	}, move.Appointment, move.Start, !move.Override.IsZero(), confirmed)
}

func (h *handlers) CancelAppointment(
	ctx context.Context, r api.CancelAppointmentRequestObject,
) (api.CancelAppointmentResponseObject, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	cancellation := booking.Cancellation{
		Appointment: domain.AppointmentID{UUID: r.Appointment}, Account: domain.AccountID{UUID: r.Account},
		By: appointment.By(r.Body.By), Expected: write.Expected, Silent: silent(r.Body.Notify),
	}
	if r.Body.Reason != "" {
		cancellation.Reason = domain.Secret(r.Body.Reason)
	}
	outcome, err := h.Booking.Cancel(ctx, write.Origin, cancellation)
	outcome, err = h.finish(ctx, write, outcome, err)
	shown, err := h.appointmentAfter(ctx, cancellation.Appointment, outcome, err)
	return api.CancelAppointment200JSONResponse{AppointmentDoneJSONResponse: appointmentDone(shown)}, err
}

func (h *handlers) MarkAppointment(
	ctx context.Context, r api.MarkAppointmentRequestObject,
) (api.MarkAppointmentResponseObject, error) {
	id := domain.AppointmentID{UUID: r.Appointment}
	outcome, err := h.run(ctx, markOf(r.Body.Mark, id, h.Engine.Now()))
	shown, err := h.appointmentAfter(ctx, id, outcome, err)
	return api.MarkAppointment200JSONResponse{AppointmentDoneJSONResponse: appointmentDone(shown)}, err
}

func markOf(mark api.MarkMark, id domain.AppointmentID, now time.Time) (command appointment.Command) {
	switch mark {
	case api.MarkMarkConfirmed:
		command = appointment.Confirm{Appointment: id, At: now}
	case api.MarkMarkUnconfirmed:
		command = appointment.ClearConfirmation{Appointment: id, At: now}
	case api.MarkMarkArrived:
		command = appointment.Arrive{Appointment: id, At: now}
	case api.MarkMarkFulfilled:
		command = appointment.Fulfil{Appointment: id, At: now}
	case api.MarkMarkNoshow:
		command = appointment.MarkNoShow{Appointment: id, At: now}
	case api.MarkMarkBooked:
		command = appointment.ClearMark{Appointment: id, At: now}
	}
	return command
}

func (h *handlers) ReinstateAppointment(
	ctx context.Context, r api.ReinstateAppointmentRequestObject,
) (api.ReinstateAppointmentResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return nil, err
	}
	id := domain.AppointmentID{UUID: r.Appointment}
	outcome, err := h.Booking.Reinstate(ctx, write.Origin, booking.Reinstatement{
		Appointment: id, Account: domain.AccountID{UUID: r.Account}, Expected: write.Expected,
		Silent: r.Body != nil && silent(r.Body.Notify),
	})
	outcome, err = h.finish(ctx, write, outcome, err)
	shown, err := h.appointmentAfter(ctx, id, outcome, err)
	return api.ReinstateAppointment200JSONResponse{AppointmentDoneJSONResponse: appointmentDone(shown)}, err
}

// maxCalendar allows 92 days, with a margin because a change of the clock makes a day longer.
const maxCalendar = 93 * 24 * time.Hour

func (h *handlers) ShowCalendar(
	ctx context.Context, r api.ShowCalendarRequestObject,
) (api.ShowCalendarResponseObject, error) {
	_, during, err := calendarRange(ctx, r.Params.From.Time, r.Params.To.Time)
	if err != nil {
		return nil, err
	}
	selection := projections.Selection{During: during}
	if r.Params.Resource != uuid.Nil {
		selection.Resources = []domain.ResourceID{{UUID: r.Params.Resource}}
	}
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &selection.After)
	if err != nil {
		return nil, err
	}
	selection.Limit = request.rows()
	account := domain.AccountID{UUID: r.Account}
	if !r.Params.AsOf.IsZero() {
		if err := h.checkPast(r.Params.AsOf); err != nil {
			return nil, err
		}
		found, err := h.Reader.Past.Find(ctx, account, r.Params.AsOf, selection)
		items, next := page(ctx, h, request, found, projections.Appointment.Cursor)
		return api.ShowCalendar200JSONResponse{Items: each(items, calendarEntry), Next: next, AsOf: r.Params.AsOf}, err
	}
	found, err := h.Reader.Calendar.Find(ctx, account, selection)
	if err != nil {
		return nil, err
	}
	items, next := page(ctx, h, request, found, projections.Appointment.Cursor)
	entries, err := h.calendarEntries(ctx, account, items)
	return api.ShowCalendar200JSONResponse{Items: entries, Next: next}, err
}

var errFuture = domain.Refuse(domain.Invalid, "as_of_future",
	"as_of must be in the past; leave it out for now").At("as_of")

// checkPast refuses an instant that is yet to come.
func (h *handlers) checkPast(at time.Time) error {
	if at.After(h.Engine.Now()) {
		return errFuture
	}
	return nil
}

// calendarEntries shows appointments with how the messages about them stand. What is on the call sheet has failed,
// whatever the provider says of it.
func (h *handlers) calendarEntries(
	ctx context.Context, account domain.AccountID, items []projections.Appointment,
) ([]api.CalendarEntry, error) {
	ids := each(items, func(one projections.Appointment) domain.AppointmentID { return one.ID })
	standings, err := h.Reader.Messages.Standings(ctx, account, ids)
	if err != nil {
		return nil, err
	}
	calls, err := h.openCalls(ctx, account)
	called := make(map[domain.AppointmentID]domain.MessageID)
	for _, one := range calls {
		called[one.Appointment] = one.Message
	}
	return each(items, func(one projections.Appointment) api.CalendarEntry {
		shown := calendarEntry(one)
		if lost, is := called[one.ID]; is {
			shown.Message = api.VisitMessage{Standing: api.MessageStandingFailed, Message: lost.UUID, ToCall: true}
		} else if told, is := standings[one.ID]; is {
			shown.Message = api.VisitMessage{Standing: api.MessageStanding(told.State), Message: told.Message.UUID}
		} else {
			shown.Message.Standing = api.MessageStandingNone
		}
		return shown
	}), err
}

func calendarEntry(one projections.Appointment) api.CalendarEntry {
	return api.CalendarEntry{
		Appointment: one.ID.UUID, Revision: int64(one.Revision), Client: one.Client.UUID,
		ClientName: one.ClientName, ClientPhone: one.ClientPhone, Service: one.Service.UUID,
		ServiceName: one.ServiceName, Start: one.Visit.Start, End: one.Visit.End, Local: one.Visit.Local,
		Zone: one.Visit.Zone, Status: api.AppointmentStatus(one.Status), Confirmed: one.Confirmed,
		Resources:  each(one.Visit.Legs, func(leg appointment.Leg) uuid.UUID { return leg.Resource.UUID }),
		Overridden: overriddenOf(one),
	}
}

// reasonOf returns the reason of an override, zero if there is none.
func reasonOf(given api.Override) (domain.Private, error) {
	if given == (api.Override{}) {
		return domain.Private{}, nil
	}
	reason, err := domain.ParseText("the reason of the override", given.Reason, 500)
	return domain.Secret(reason), err
}

func overriddenOf(one projections.Appointment) api.Overridden {
	return api.Overridden{Rules: one.Overridden, Reason: one.OverrideReason}
}
