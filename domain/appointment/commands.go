package appointment

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// What an appointment says no to.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "appointment_unknown",
		"there is no such appointment; check its id")
	ErrVisit = domain.Refuse(domain.Invalid, "visit_malformed",
		"an appointment ends after it starts, lasts at most 31 days, and takes 1 to 16 different resources or times, "+
			"at least one unit of each")
	ErrKeyReused = domain.Refuse(domain.Invalid, "key_reused",
		"this idempotency key was used for another wish; use a new key")
	ErrSlotTaken = domain.Refuse(domain.Disallowed, "slot_taken",
		"this time is taken; choose another start")
	ErrExpired = domain.Refuse(domain.Disallowed, "request_expired",
		"this request was not finished in time and was given up; ask again with a new idempotency key")
	ErrWithdrawn = domain.Refuse(domain.Disallowed, "request_withdrawn",
		"this request was withdrawn; ask again with a new idempotency key")
	ErrAbandoned = domain.Refuse(domain.Disallowed, "request_abandoned",
		"this request came to nothing; ask again with a new idempotency key")
	ErrDeclined = domain.Refuse(domain.Disallowed, "request_declined",
		"the staff declined this request; choose another time")
	ErrInTime = domain.Refuse(domain.Disallowed, "request_in_time",
		"this request may still be decided; wait until its time limit has passed")
	ErrDecided = domain.Refuse(domain.Disallowed, "already_decided",
		"this appointment is booked; cancel it instead")
	ErrNotBooked = domain.Refuse(domain.Disallowed, "not_booked",
		"this appointment is not booked yet; wait for its decision")
	ErrCancelled = domain.Refuse(domain.Disallowed, "already_cancelled",
		"this appointment was cancelled; book a new one")
	ErrOver = domain.Refuse(domain.Disallowed, "already_over",
		"this appointment took place or was missed; book a new one")
	ErrCutOff = domain.Refuse(domain.Disallowed, "past_cut_off",
		"it is too late to change this appointment here; ask the staff")
	ErrStale = domain.Refuse(domain.Disallowed, "stale_sequence",
		"this appointment has changed since you looked; look again and decide anew")
	ErrMoving = domain.Refuse(domain.Disallowed, "move_under_way",
		"this appointment is being moved just now; try again in a moment")
	ErrNoRequestID = domain.Refuse(domain.Invalid, "move_without_wish",
		"a move needs an identity, so that it is carried out once; give it one, as an idempotency key does")
	ErrOvertaken = domain.Refuse(domain.Disallowed, "move_overtaken",
		"something else happened to this appointment while it was being moved; look again and decide anew")
	ErrNotYet = domain.Refuse(domain.Disallowed, "not_yet",
		"this appointment has not started yet; mark it after its start")
	ErrNoteWithoutID = domain.Refuse(domain.Invalid, "note_without_id",
		"a note needs an id, so that it is added once; give it one")
)

// Why a request or a move was abandoned, beside the codes of refusals.
const (
	Expired   = "expired"
	Withdrawn = "withdrawn"
	Overtaken = "overtaken"
)

var because = map[string]*domain.Refusal{
	Expired: ErrExpired, Withdrawn: ErrWithdrawn, Overtaken: ErrOvertaken, ErrSlotTaken.Code: ErrSlotTaken,
	"declined": ErrDeclined,
}

// By says who wishes; the staff may override the terms.
type By string

// Who may wish.
const (
	Client By = "client"
	Staff  By = "staff"
)

// Seen is the SEQUENCE that the asker looked at before wishing. The zero Seen did not look: nothing is checked.
type Seen struct {
	looked   bool
	sequence int
}

// Saw makes a wish hold only for the SEQUENCE that was looked at.
func IfSequence(sequence int) Seen { return Seen{true, sequence} }

func (s Seen) stale(now State) bool { return s.looked && s.sequence != now.Sequence }

// Command is a wish addressed to an appointment.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Request opens the booking protocol on an empty stream.
type Request struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Client      domain.ClientID
	Service     domain.ServiceID
	Terms       Terms
	Visit       Visit
	Until       time.Time // after this anyone may abandon it
}

// Book decides a request whose holds are all made.
type Book struct{ Appointment domain.AppointmentID }

// Abandon decides against a request. Anybody may for Expired, once its time limit has passed.
type Abandon struct {
	Appointment domain.AppointmentID
	Reason      string
	At          time.Time
}

// Decline is the staff's no to a request that needs approval.
type Decline struct {
	Appointment domain.AppointmentID
	Reason      domain.Private
}

// RequestReschedule opens a move. The same wish moves once.
type RequestReschedule struct {
	Appointment domain.AppointmentID
	RequestID   uuid.UUID
	Visit       Visit
	By          By
	Seen        Seen
	At          time.Time
	Until       time.Time // after this anyone may abandon it
}

// Reschedule decides a move whose holds are all made.
type Reschedule struct {
	Appointment domain.AppointmentID
	Sequence    int
}

// AbandonReschedule decides against a move. Anybody may for Expired, once its time limit has passed.
type AbandonReschedule struct {
	Appointment domain.AppointmentID
	Sequence    int
	Reason      string
	At          time.Time
}

// Cancel ends an appointment, or withdraws a request.
type Cancel struct {
	Appointment domain.AppointmentID
	By          By
	Reason      domain.Private
	Seen        Seen
	At          time.Time
}

// Confirm is the client's word that they will come.
type Confirm struct{ Appointment domain.AppointmentID }

// Arrive says that the client is here.
type Arrive struct{ Appointment domain.AppointmentID }

// Fulfil says that the appointment took place.
type Fulfil struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// MarkNoShow says that the client did not come. Marks may be corrected by another mark.
type MarkNoShow struct {
	Appointment domain.AppointmentID
	At          time.Time
}

// AddNote adds a remark of the staff. The same Note is added once.
type AddNote struct {
	Appointment domain.AppointmentID
	Note        uuid.UUID
	Text        domain.Private
}

// Stream is the appointment's.
func (c Request) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Book) Stream() domain.Stream              { return StreamOf(c.Appointment) }
func (c Abandon) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Decline) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c RequestReschedule) Stream() domain.Stream { return StreamOf(c.Appointment) }
func (c Reschedule) Stream() domain.Stream        { return StreamOf(c.Appointment) }
func (c AbandonReschedule) Stream() domain.Stream { return StreamOf(c.Appointment) }
func (c Cancel) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c Confirm) Stream() domain.Stream           { return StreamOf(c.Appointment) }
func (c Arrive) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c Fulfil) Stream() domain.Stream            { return StreamOf(c.Appointment) }
func (c MarkNoShow) Stream() domain.Stream        { return StreamOf(c.Appointment) }
func (c AddNote) Stream() domain.Stream           { return StreamOf(c.Appointment) }
