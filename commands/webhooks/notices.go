package webhooks

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
)

// notice is what an event tells the receivers of a topic. It has ids only: names, numbers and texts stay here.
type notice struct {
	topic, kind string
	about       about
}

// about is the data of a call.
type about struct {
	Account     domain.AccountID     `json:"account"`
	Appointment domain.AppointmentID `json:"appointment,omitzero"`
	Message     domain.MessageID     `json:"message,omitzero"`
	Client      domain.ClientID      `json:"client,omitzero"`
}

// types are the events that webhooks tell of.
var types = slices.Concat(domain.NamesOf(
	appointment.Booked{}, appointment.Rescheduled{}, appointment.Cancelled{}, appointment.Confirmed{},
	appointment.Arrived{}, appointment.Fulfilled{}, appointment.MarkedNoShow{}, appointment.MarkCleared{},
	appointment.Reinstated{}, appointment.Declined{},
), domain.NamesOf(
	message.ReminderQueued{}, message.NoticeQueued{}, message.MessageSuppressed{}, message.SmsSent{}, message.SmsFailed{},
	message.DeliveryReported{}, message.MailSent{}, message.MailFailed{}, message.MailBounced{},
), domain.NamesOf(client.ClientRegistered{}, client.ContactChanged{}, client.ClientErased{}))

// noticeOf returns what to tell of an event; ok is false for nothing.
func noticeOf(event domain.Event) (told notice, ok bool) {
	if told, ok = noticeOfVisit(event); ok {
		told.topic = "appointments"
		return told, true
	}
	if told, ok = noticeOfMessage(event); ok {
		told.topic = "messages"
		return told, true
	}
	told.topic = "clients"
	switch e := event.(type) {
	case client.ClientRegistered:
		told.kind, told.about.Client = "client.registered", e.Client
	case client.ContactChanged:
		told.kind, told.about.Client = "client.changed", e.Client
	case client.ClientErased:
		told.kind, told.about.Client = "client.erased", e.Client
	default:
		return notice{}, false
	}
	return told, true
}

func noticeOfVisit(event domain.Event) (told notice, ok bool) {
	switch e := event.(type) {
	case appointment.Booked:
		told.kind, told.about.Appointment = "appointment.booked", e.Appointment
	case appointment.Rescheduled:
		told.kind, told.about.Appointment = "appointment.moved", e.Appointment
	case appointment.Cancelled:
		told.kind, told.about.Appointment = "appointment.cancelled", e.Appointment
	case appointment.Confirmed:
		told.kind, told.about.Appointment = "appointment.confirmed", e.Appointment
	case appointment.Arrived:
		told.kind, told.about.Appointment = "appointment.arrived", e.Appointment
	case appointment.Fulfilled:
		told.kind, told.about.Appointment = "appointment.fulfilled", e.Appointment
	case appointment.MarkedNoShow:
		told.kind, told.about.Appointment = "appointment.no_show", e.Appointment
	case appointment.MarkCleared:
		told.kind, told.about.Appointment = "appointment.mark_cleared", e.Appointment
	case appointment.Reinstated:
		told.kind, told.about.Appointment = "appointment.reinstated", e.Appointment
	case appointment.Declined:
		told.kind, told.about.Appointment = "appointment.declined", e.Appointment
	default:
		return notice{}, false
	}
	return told, true
}

func noticeOfMessage(event domain.Event) (told notice, ok bool) {
	switch e := event.(type) {
	case message.ReminderQueued:
		told.kind, told.about.Message = "message.queued", e.Message
	case message.NoticeQueued:
		told.kind, told.about.Message = "message.queued", e.Message
	case message.MessageSuppressed:
		told.kind, told.about.Message = "message.suppressed", e.Message
	case message.SmsSent:
		told.kind, told.about.Message = "message.sent", e.Message
	case message.MailSent:
		told.kind, told.about.Message = "message.sent", e.Message
	case message.SmsFailed:
		told.kind, told.about.Message = "message.failed", e.Message
	case message.MailFailed:
		told.kind, told.about.Message = "message.failed", e.Message
	case message.MailBounced:
		told.kind, told.about.Message = "message.bounced", e.Message
	case message.DeliveryReported:
		if !e.Counted || e.State != "delivered" { // a failure is told of by SmsFailed
			return notice{}, false
		}
		told.kind, told.about.Message = "message.delivered", e.Message
	default:
		return notice{}, false
	}
	return told, true
}

// body returns the JSON of a call.
func body(id uuid.UUID, kind string, at time.Time, data about) ([]byte, error) {
	return json.Marshal(struct {
		ID        uuid.UUID `json:"id"`
		Type      string    `json:"type"`
		Timestamp time.Time `json:"timestamp"`
		Data      about     `json:"data"`
	}{id, kind, at.UTC(), data})
}
