package appointment

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Event is what can have happened to an appointment.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event an appointment stream may hold.
var Types = domain.Types{
	domain.TypeOf[Requested](), domain.TypeOf[Booked](), domain.TypeOf[Abandoned](), domain.TypeOf[Declined](),
	domain.TypeOf[RescheduleRequested](), domain.TypeOf[Rescheduled](), domain.TypeOf[RescheduleAbandoned](),
	domain.TypeOf[Cancelled](), domain.TypeOf[Confirmed](), domain.TypeOf[Arrived](), domain.TypeOf[Fulfilled](),
	domain.TypeOf[MarkedNoShow](), domain.TypeOf[NoteAdded](),
}

// Requested opens the booking protocol; nothing is promised yet.
type Requested struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Terms       Terms                `json:"terms"`
	Visit       Visit                `json:"visit"`
	Until       time.Time            `json:"until"` // after this anyone may abandon it
}

// Terms are those of the service's policy version in force when the appointment was asked for.
type Terms struct {
	Version         int `json:"version"`
	MoveCutoffMin   int `json:"move_cutoff_min,omitzero"`
	CancelCutoffMin int `json:"cancel_cutoff_min,omitzero"`
}

// Booked decides: the appointment stands, with every unit it needs held. It repeats what was asked, so that
// readers need no other event.
type Booked struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Visit       Visit                `json:"visit"`
}

// Abandoned decides the other way: the request came to nothing.
type Abandoned struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Reason      string               `json:"reason"` // slot_taken, expired, withdrawn, or another refusal's code
}

// Declined is the staff's no to a request that needs approval.
type Declined struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Client      domain.ClientID      `json:"client"`
	Reason      domain.Private       `json:"reason,omitzero"`
}

// RescheduleRequested opens a move; the old visit stands until Rescheduled.
type RescheduleRequested struct {
	Appointment domain.AppointmentID `json:"appointment"`
	RequestID   uuid.UUID            `json:"wish"`     // whose move it is: the same wish moves once
	Sequence    int                  `json:"sequence"` // of the visit asked for
	Visit       Visit                `json:"visit"`
	Until       time.Time            `json:"until"`
}

// Rescheduled decides the move.
type Rescheduled struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Sequence    int                  `json:"sequence"`
	Visit       Visit                `json:"visit"`
	Before      Visit                `json:"before"`
	Revokes     int                  `json:"revokes"` // the SEQUENCE under which Before stood
}

// RescheduleAbandoned decides against the move; the old visit stands.
type RescheduleAbandoned struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Sequence    int                  `json:"sequence"`
	Reason      string               `json:"reason"` // as in Abandoned, or overtaken
}

// Cancelled ends the appointment.
type Cancelled struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Sequence    int                  `json:"sequence"`
	Visit       Visit                `json:"visit"`   // what stood until now
	Revokes     int                  `json:"revokes"` // the SEQUENCE under which it stood
	By          By                   `json:"by"`      // client, staff
	Reason      domain.Private       `json:"reason,omitzero"`
}

// Confirmed is the client's word that they will come.
type Confirmed struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// Arrived says the client is here.
type Arrived struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// Fulfilled says the appointment took place.
type Fulfilled struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// MarkedNoShow says the client did not come.
type MarkedNoShow struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// NoteAdded is a remark of the staff about the appointment.
type NoteAdded struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Note        uuid.UUID            `json:"note"`
	Client      domain.ClientID      `json:"client"`
	Text        domain.Private       `json:"text"`
}

// EventType names are the stored names.
func (Requested) EventType() string           { return "Requested" }
func (Booked) EventType() string              { return "Booked" }
func (Abandoned) EventType() string           { return "Abandoned" }
func (Declined) EventType() string            { return "Declined" }
func (RescheduleRequested) EventType() string { return "RescheduleRequested" }
func (Rescheduled) EventType() string         { return "Rescheduled" }
func (RescheduleAbandoned) EventType() string { return "RescheduleAbandoned" }
func (Cancelled) EventType() string           { return "Cancelled" }
func (Confirmed) EventType() string           { return "Confirmed" }
func (Arrived) EventType() string             { return "Arrived" }
func (Fulfilled) EventType() string           { return "Fulfilled" }
func (MarkedNoShow) EventType() string        { return "MarkedNoShow" }
func (NoteAdded) EventType() string           { return "NoteAdded" }

// Subject is the client: reasons and notes speak of them.
func (e Declined) Subject() domain.Subject  { return domain.StreamOf("client", e.Client.String()) }
func (e Cancelled) Subject() domain.Subject { return domain.StreamOf("client", e.Client.String()) }
func (e NoteAdded) Subject() domain.Subject { return domain.StreamOf("client", e.Client.String()) }
