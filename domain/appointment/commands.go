package appointment

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about an appointment.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "appointment_unknown",
		"there is no such appointment; check its id")
	ErrVisit = domain.Refuse(domain.Invalid, "visit_malformed",
		"an appointment ends after it starts, lasts at most 31 days, and takes 1 to 16 different resources or times, "+
			"at least one unit of each")
	ErrKeyReused = domain.Refuse(domain.Invalid, "key_reused",
		"this idempotency key was used for another request; use a new key")
	ErrSlotTaken = domain.Refuse(domain.Disallowed, "slot_taken",
		"this time is taken; choose another start")
	ErrExpired = domain.Refuse(domain.Disallowed, "request_expired",
		"this request was not finished in time and was abandoned; ask again with a new idempotency key")
	ErrWithdrawn = domain.Refuse(domain.Disallowed, "request_withdrawn",
		"this request was withdrawn; ask again with a new idempotency key")
	ErrAbandoned = domain.Refuse(domain.Disallowed, "request_abandoned",
		"this request was abandoned; ask again with a new idempotency key")
	ErrDeclined = domain.Refuse(domain.Disallowed, "request_declined",
		"the staff declined this request; choose another time")
	ErrInTime = domain.Refuse(domain.Disallowed, "request_in_time",
		"this request may still be decided; wait until its time limit has passed")
	ErrDecided = domain.Refuse(domain.Disallowed, "already_decided",
		"this appointment is booked; cancel it instead")
	ErrApproval = domain.Refuse(domain.Disallowed, "approval_needed",
		"this request waits for the staff; approve or decline it")
	ErrNotBooked = domain.Refuse(domain.Disallowed, "not_booked",
		"this appointment is not booked yet; wait for its decision")
	ErrCancelled = domain.Refuse(domain.Disallowed, "already_cancelled",
		"this appointment was cancelled; book a new one")
	ErrOver = domain.Refuse(domain.Disallowed, "already_over",
		"this appointment took place or was missed; book a new one")
	ErrCutOff = domain.Refuse(domain.Disallowed, "past_cut_off",
		"it is too late to change this appointment here; ask the staff")
	ErrStale = domain.Refuse(domain.Disallowed, "stale_sequence",
		"this appointment has changed since you last read it; read it again before you change it")
	ErrMoving = domain.Refuse(domain.Disallowed, "move_under_way",
		"this appointment is being moved; try again in a moment")
	ErrNoRequestID = domain.Refuse(domain.Invalid, "move_without_wish",
		"a move needs a request id, so that it happens only once; send an idempotency key")
	ErrOvertaken = domain.Refuse(domain.Disallowed, "move_overtaken",
		"this appointment was changed while it was being moved; read it again before you change it")
	ErrNotYet = domain.Refuse(domain.Disallowed, "not_yet",
		"this appointment has not started yet; mark it after its start")
	ErrDayClosed = domain.Refuse(domain.Disallowed, "day_closed",
		"the day of this appointment is closed; its marks and its cancellation are final")
	ErrNoReason = domain.Refuse(domain.Invalid, "override_without_reason",
		"an override needs a reason; say why this visit is against the rules")
	ErrNoteWithoutID = domain.Refuse(domain.Invalid, "note_without_id",
		"a note needs an id, so that it is added only once; give it one")
)

// Reasons to abandon a booking or a move, in addition to the codes of refusals.
const (
	Expired   = "expired"
	Withdrawn = "withdrawn"
	Overtaken = "overtaken"
)

var because = map[string]*domain.Refusal{
	Expired: ErrExpired, Withdrawn: ErrWithdrawn, Overtaken: ErrOvertaken, ErrSlotTaken.Code: ErrSlotTaken,
	"declined": ErrDeclined,
}

// By is who sends the command. The staff may override the terms.
type By string

// The senders of commands.
const (
	Client By = "client"
	Staff  By = "staff"
)

// Seen is a condition on the SEQUENCE that the caller last saw. The zero Seen holds for any.
type Seen struct {
	looked   bool
	sequence int
}

// IfSequence returns the condition that the appointment still has this SEQUENCE.
func IfSequence(sequence int) Seen { return Seen{true, sequence} }

func (s Seen) stale(now State) bool { return s.looked && s.sequence != now.Sequence }

// Command is a request to change an appointment.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Request requests a booking on an empty stream.
type Request struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Client      domain.ClientID
	Service     domain.ServiceID
	Terms       Terms
	Visit       Visit
	Until       time.Time // after this anyone may abandon it
	Approval    bool      // the staff decide it, by Approve or Decline
}

// Approve confirms, for the staff, a request that needs approval, after all its holds are made.
type Approve struct {
	Appointment domain.AppointmentID
	Silent      bool
}

// Book confirms a request after all its holds are made. Silent tells nobody, like in the commands below. It is their
// last field: see booking.Protocol.
type Book struct {
	Appointment domain.AppointmentID
	Silent      bool
}

// Abandon abandons a request. Anyone may do so as Expired, once its time limit has passed.
type Abandon struct {
	Appointment domain.AppointmentID
	Reason      string
	At          time.Time
}

// Decline refuses, for the staff, a request that needs approval.
type Decline struct {
	Appointment domain.AppointmentID
	Reason      domain.Private
	Silent      bool
}

// RequestReschedule requests a move. The same RequestID moves once.
type RequestReschedule struct {
	Appointment domain.AppointmentID
	RequestID   uuid.UUID
	Visit       Visit
	By          By
	Seen        Seen
	At          time.Time
	Until       time.Time // after this anyone may abandon it
}

// Reschedule confirms a move after all its holds are made.
type Reschedule struct {
	Appointment domain.AppointmentID
	Sequence    int
	Silent      bool
}

// AbandonReschedule abandons a move. Anyone may do so as Expired, once its time limit has passed.
type AbandonReschedule struct {
	Appointment domain.AppointmentID
	Sequence    int
	Reason      string
	At          time.Time
}

// Cancel cancels an appointment, or withdraws a request.
type Cancel struct {
	Appointment domain.AppointmentID
	By          By
	Reason      domain.Private
	Seen        Seen
	At          time.Time
	Silent      bool
}

// Confirm records that the client says they will come. They can until the visit ends.
type Confirm struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// Arrive records that the client has arrived, on the local day of the visit or later.
type Arrive struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// ClearMark takes back that the client arrived, that the appointment took place, or that it was missed.
type ClearMark struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// ClearConfirmation takes back that the client says they will come.
type ClearConfirmation struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// RequestReinstatement requests a cancelled appointment again, at the visit that was cancelled. The same RequestID
// requests once. Reschedule and AbandonReschedule decide it, as they decide a move.
type RequestReinstatement struct {
	Appointment domain.AppointmentID
	RequestID   uuid.UUID
	Seen        Seen
	At          time.Time
	Until       time.Time // after this anyone may abandon it
}

// Fulfil records that the appointment took place.
type Fulfil struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// MarkNoShow records that the client did not come. Another mark corrects it.
type MarkNoShow struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// AddNote adds a note by the staff. The same Note is added once.
type AddNote struct {
	Appointment domain.AppointmentID
	Note        uuid.UUID
	Text        domain.Private
}

// Overrule records which rules of the service the staff override with an open attempt, and why. It is a command of its
// own because the ids of Request and RequestReschedule derive from all their fields: they stay as they were.
type Overrule struct {
	Appointment domain.AppointmentID
	Sequence    int
	Rules       []string
	Reason      domain.Private
}

// Stream returns the stream of the appointment.
func (c Request) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Book) Stream() domain.Stream              { return StreamOf(c.Appointment) }
func (c Abandon) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Decline) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Approve) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c RequestReschedule) Stream() domain.Stream { return StreamOf(c.Appointment) }
func (c Reschedule) Stream() domain.Stream        { return StreamOf(c.Appointment) }
func (c AbandonReschedule) Stream() domain.Stream { return StreamOf(c.Appointment) }
func (c Cancel) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c Confirm) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Arrive) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c Fulfil) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c MarkNoShow) Stream() domain.Stream        { return StreamOf(c.Appointment) }
func (c AddNote) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Overrule) Stream() domain.Stream          { return StreamOf(c.Appointment) }

// Stream returns the stream of the appointment.
func (c ClearMark) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c ClearConfirmation) Stream() domain.Stream    { return StreamOf(c.Appointment) }
func (c RequestReinstatement) Stream() domain.Stream { return StreamOf(c.Appointment) }
