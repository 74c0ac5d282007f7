package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// maxAhead is how far ahead the next appointment is looked for.
const maxAhead = 366 * 24 * time.Hour

// errNoAppointment refuses a preview for an account in which nothing is booked.
var errNoAppointment = domain.Refuse(domain.Unknown, "no_appointment_ahead",
	"there is no appointment ahead to preview the message with; book one, or send the id of a past one")

func (h *handlers) PreviewTemplate(
	ctx context.Context, r api.PreviewTemplateRequestObject,
) (api.PreviewTemplateResponseObject, error) {
	of, id := domain.AccountID{UUID: r.Account}, domain.AppointmentID{UUID: r.Body.Appointment}
	if r.Body.Appointment == uuid.Nil {
		var err error
		if id, err = h.nextAppointment(ctx, of); err != nil {
			return nil, err
		}
	}
	previews := messaging.Previews{Engine: h.Engine, Links: h.Links}
	shown, err := previews.Write(ctx, of, id, messaging.Draft{
		Kind: string(r.Kind), Channel: string(r.Channel), Own: message.Own{Title: r.Body.Subject, Text: r.Body.Text},
	})
	preview := api.PreviewTemplate200JSONResponse{
		Appointment: id.UUID, Language: api.TemplatePreviewLanguage(shown.Language), Subject: shown.Title,
		Text: shown.Text, Encoding: api.TemplatePreviewEncoding(shown.Encoding), Segments: shown.Segments,
		PriceMicro: shown.Price,
	}
	if string(r.Channel) == message.SMS {
		preview.MaxSegments = message.MaxSegments
	}
	return preview, err
}

// nextAppointment returns the booked appointment of an account that starts next.
func (h *handlers) nextAppointment(ctx context.Context, of domain.AccountID) (id domain.AppointmentID, err error) {
	now := h.Engine.Now()
	found, err := h.Reader.Calendar.Find(ctx, of, projections.Selection{
		During:   domain.Interval{Start: now, End: now.Add(maxAhead)},
		Statuses: []appointment.Status{appointment.StatusBooked}, Limit: 1,
	})
	switch {
	case err != nil:
		return id, err
	case len(found) == 0:
		return id, errNoAppointment
	}
	return found[0].ID, nil
}
