package appointment

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Event is anything that can have happened to an appointment.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event an appointment stream may hold.
var Types = domain.Types{
	domain.TypeOf[Requested](), domain.TypeOf[Booked](), domain.TypeOf[Abandoned](), domain.TypeOf[Declined](),
	domain.TypeOf[RescheduleRequested](), domain.TypeOf[Rescheduled](), domain.TypeOf[RescheduleAbandoned](),
	domain.TypeOf[Cancelled](), domain.TypeOf[Confirmed](), domain.TypeOf[Arrived](), domain.TypeOf[Fulfilled](),
	domain.TypeOf[MarkedNoShow](), domain.TypeOf[NoteAdded](), domain.TypeOf[RulesOverridden](),
	domain.TypeOf[AttentionNeeded](), domain.TypeOf[AttentionSettled](),
	domain.TypeOf[MarkCleared](), domain.TypeOf[Reinstated](), domain.TypeOf[LinksRevoked](),
	domain.TypeOf[StartHeld](), domain.TypeOf[HoldExtended](), domain.TypeOf[DetailsGiven](), domain.TypeOf[HoldEnded](),
}

// Requested requests a booking. Nothing is promised yet.
type Requested struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Terms       Terms                `json:"terms"`
	Visit       Visit                `json:"visit"`
	Until       time.Time            `json:"until"`             // after this anyone may abandon it
	Approval    bool                 `json:"approval,omitzero"` // the staff decide it
}

// Terms are those of the service policy version in force when the booking was requested.
type Terms struct {
	Version         int `json:"version"`
	MoveCutoffMin   int `json:"move_cutoff_min,omitzero"`
	CancelCutoffMin int `json:"cancel_cutoff_min,omitzero"`
}

// Booked confirms the booking: every unit it needs is held. It repeats the request, so readers need no other event.
type Booked struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Visit       Visit                `json:"visit"`
	Silent      bool                 `json:"silent,omitzero"`   // nobody is told, like in the events below
	Approved    bool                 `json:"approved,omitzero"` // by the staff
}

// Abandoned abandons the booking. The appointment does not take place.
type Abandoned struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Reason      string               `json:"reason"` // slot_taken, expired, withdrawn, or another refusal's code
}

// Declined records that the staff refused a request that needs approval.
type Declined struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Client      domain.ClientID      `json:"client"`
	Reason      domain.Private       `json:"reason,omitzero"`
	Silent      bool                 `json:"silent,omitzero"`
}

// RescheduleRequested requests a move. The earlier visit stays in force until Rescheduled.
type RescheduleRequested struct {
	Appointment domain.AppointmentID `json:"appointment"`
	RequestID   uuid.UUID            `json:"wish"`     // of the request: it moves once
	Sequence    int                  `json:"sequence"` // of the requested visit
	Visit       Visit                `json:"visit"`
	Until       time.Time            `json:"until"`
	Cause       string               `json:"cause,omitzero"` // zone_rules; "" if a person wants the move
}

// Rescheduled confirms the move.
type Rescheduled struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Sequence    int                  `json:"sequence"`
	Visit       Visit                `json:"visit"`
	Before      Visit                `json:"before"`
	Revokes     int                  `json:"revokes"`        // SEQUENCE of Before
	Cause       string               `json:"cause,omitzero"` // zone_rules: the promised local time stays; "" otherwise
	Silent      bool                 `json:"silent,omitzero"`
}

// RescheduleAbandoned abandons the move. The earlier visit stays in force.
type RescheduleAbandoned struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Sequence    int                  `json:"sequence"`
	Reason      string               `json:"reason"` // as in Abandoned, or overtaken
}

// Cancelled cancels the appointment.
type Cancelled struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Sequence    int                  `json:"sequence"`
	Visit       Visit                `json:"visit"`   // the visit that was in force
	Revokes     int                  `json:"revokes"` // SEQUENCE of that visit
	By          By                   `json:"by"`      // client, staff
	Reason      domain.Private       `json:"reason,omitzero"`
	Silent      bool                 `json:"silent,omitzero"`
}

// Confirmed records that the client says they will come.
type Confirmed struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// Arrived records that the client has arrived.
type Arrived struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// Fulfilled records that the appointment took place.
type Fulfilled struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// MarkedNoShow records that the client did not come.
type MarkedNoShow struct {
	Appointment domain.AppointmentID `json:"appointment"`
}

// NoteAdded adds a note by the staff.
type NoteAdded struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Note        uuid.UUID            `json:"note"`
	Client      domain.ClientID      `json:"client"`
	Text        domain.Private       `json:"text"`
}

// RulesOverridden records that the staff requested a visit against rules of the service, and why.
type RulesOverridden struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Client      domain.ClientID      `json:"client"`
	Sequence    int                  `json:"sequence"` // of the requested visit
	Rules       []string             `json:"rules"`    // short_notice, outside_hours, off_grid, in_the_past, …
	Reason      domain.Private       `json:"reason"`
}

// MarkCleared takes a mark back: arrived, fulfilled and noshow make the appointment booked again.
type MarkCleared struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Mark        string               `json:"mark"` // arrived, fulfilled, noshow, confirmed
}

// Reinstated takes a cancellation back: the last visit in force is in force again, under a new SEQUENCE. It follows a
// RescheduleRequested, which holds the units again.
type Reinstated struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"`
	Service     domain.ServiceID     `json:"service"`
	Sequence    int                  `json:"sequence"`
	Visit       Visit                `json:"visit"`
	Silent      bool                 `json:"silent,omitzero"`
}

// EventType returns the stored name.
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
func (RulesOverridden) EventType() string     { return "RulesOverridden" }
func (MarkCleared) EventType() string         { return "MarkCleared" }
func (Reinstated) EventType() string          { return "Reinstated" }

// Subject returns the client, whom reasons and notes are about.
func (e Declined) Subject() domain.Subject  { return domain.StreamOf("client", e.Client.String()) }
func (e Cancelled) Subject() domain.Subject { return domain.StreamOf("client", e.Client.String()) }
func (e NoteAdded) Subject() domain.Subject { return domain.StreamOf("client", e.Client.String()) }
func (e RulesOverridden) Subject() domain.Subject {
	return domain.StreamOf("client", e.Client.String())
}
