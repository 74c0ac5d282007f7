package appointment

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Refusals about the hold of a visitor.
var (
	ErrHoldUnknown = domain.Refuse(domain.Unknown, "hold_unknown",
		"this time is not held for you; choose a start and hold it")
	ErrHoldEnded = domain.Refuse(domain.Disallowed, "hold_ended",
		"this time is no longer held for you; hold it again, or choose another start")
	ErrManyForms = domain.Refuse(domain.Disallowed, "too_many_forms",
		"this form was sent with too many changes; hold the time again")
	ErrHoldBooked = domain.Refuse(domain.Disallowed, "hold_booked",
		"this time is booked; manage the appointment by its link")
)

// Hold is what a visitor, who is no client yet, keeps while filling in the booking form. There is no appointment, so
// the status is empty. Attempt 0 has the visit and the time limit, and its units are held like those of a request. The
// request takes the attempt over with everything that it holds.
type Hold struct {
	Since    time.Time // when it began
	Extended bool      // the visitor has extended it
	Forms    int       // how often the visitor gave details
	Given    Details   // what the visitor gave, if that waits to be confirmed by email
}

// Details are what a visitor gave to book, kept until the address is confirmed.
type Details struct {
	Client   domain.ClientID // who they will be if they are a new client, and the subject of the private text
	Name     domain.Private
	Phone    domain.Private // E.164
	Country  string         // ISO 3166-1 alpha-2 of the phone number
	Email    domain.Private // to confirm
	Note     domain.Private
	Language string // BCP 47, in which the visitor reads
}

// maxForms bounds how often a visitor gives other details, because an email follows each time.
const maxForms = 5

// IsZero reports whether nothing waits to be confirmed.
func (d Details) IsZero() bool { return d == Details{} }

// StartHeld holds the start of a visit while a visitor fills in the booking form. It is no appointment. Requested makes
// it one and HoldEnded ends it.
type StartHeld struct {
	Appointment domain.AppointmentID `json:"appointment"` // what it will be if the visitor books
	Account     domain.AccountID     `json:"account"`
	Service     domain.ServiceID     `json:"service"`
	Visit       Visit                `json:"visit"`
	Since       time.Time            `json:"since"`
	Until       time.Time            `json:"until"` // after this anyone may end it
}

// HoldExtended gives the visitor more time.
type HoldExtended struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Until       time.Time            `json:"until"`
}

// DetailsGiven keeps what the visitor gave until they confirm their email address. The hold lasts as long.
type DetailsGiven struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Client      domain.ClientID      `json:"client"` // who they will be if they are a new client
	Name        domain.Private       `json:"name"`
	Phone       domain.Private       `json:"phone,omitzero"`   // E.164
	Country     string               `json:"country,omitzero"` // ISO 3166-1 alpha-2 of the phone number
	Email       domain.Private       `json:"email"`
	Note        domain.Private       `json:"note,omitzero"`
	Language    string               `json:"language"` // BCP 47
	Until       time.Time            `json:"until"`
}

// HoldEnded ends a hold that was not booked. The start is free for others.
type HoldEnded struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Account     domain.AccountID     `json:"account"`
	Reason      string               `json:"reason"` // expired, withdrawn, slot_taken, or another refusal's code
}

// EventType returns the stored name.
func (StartHeld) EventType() string    { return "StartHeld" }
func (HoldExtended) EventType() string { return "HoldExtended" }
func (DetailsGiven) EventType() string { return "DetailsGiven" }
func (HoldEnded) EventType() string    { return "HoldEnded" }

// Subject returns the client that the visitor may become.
func (e DetailsGiven) Subject() domain.Subject { return domain.StreamOf("client", e.Client.String()) }

// HoldStart holds a start for a visitor, on an empty stream. Abandon ends the hold.
type HoldStart struct {
	Appointment domain.AppointmentID
	Account     domain.AccountID
	Service     domain.ServiceID
	Visit       Visit
	Since       time.Time
	Until       time.Time // after this anyone may end it
}

// ExtendHold gives the visitor more time, once. Asking again changes nothing.
type ExtendHold struct {
	Appointment domain.AppointmentID
	By          time.Duration
}

// GiveDetails keeps what a visitor gave until it is confirmed. Giving it again replaces it.
type GiveDetails struct {
	Appointment domain.AppointmentID
	Details     Details
	Until       time.Time // after this anyone may end the hold
}

// Stream returns the stream of the appointment that the hold may become.
func (c HoldStart) Stream() domain.Stream   { return StreamOf(c.Appointment) }
func (c ExtendHold) Stream() domain.Stream  { return StreamOf(c.Appointment) }
func (c GiveDetails) Stream() domain.Stream { return StreamOf(c.Appointment) }

// Held returns the attempt of a hold that was not booked, or false. Its outcome says whether the hold has ended.
func (s State) Held() (Attempt, bool) {
	if s.Exists() || len(s.Attempts) == 0 {
		return Attempt{}, false
	}
	return s.Attempts[0], true
}

// held returns the attempt of a hold, or why there is none.
func (s State) held() (Attempt, error) {
	attempt, held := s.Held()
	switch {
	case s.Exists():
		return attempt, ErrHoldBooked
	case !held:
		return attempt, ErrHoldUnknown
	case attempt.Outcome.Ended():
		return attempt, ErrHoldEnded
	}
	return attempt, nil
}

func (e StartHeld) evolve(State) State {
	return State{
		Account: e.Account, Service: e.Service, Attempts: []Attempt{{Visit: e.Visit, Until: e.Until}},
		Hold: Hold{Since: e.Since},
	}
}

func (e HoldExtended) evolve(s State) State {
	s.Hold.Extended = true
	return s.with(0, func(a *Attempt) { a.Until = e.Until })
}

func (e DetailsGiven) evolve(s State) State {
	s.Hold.Forms++
	s.Hold.Given = Details{e.Client, e.Name, e.Phone, e.Country, e.Email, e.Note, e.Language}
	return s.with(0, func(a *Attempt) { a.Until = e.Until })
}

func (e HoldEnded) evolve(s State) State { return s.decided(0, OutcomeAbandoned, e.Reason) }

func (c HoldStart) decide(s State) ([]Event, error) {
	visit, err := c.Visit.canonical()
	if err != nil {
		return nil, err
	}
	attempt, known := s.Held()
	switch {
	case s.Exists():
		return nil, ErrHoldBooked
	case !known:
		return []Event{StartHeld{
			c.Appointment, c.Account, c.Service, visit, domain.Microseconds(c.Since), visit.atMostStart(c.Until),
		}}, nil
	case s.Account != c.Account || s.Service != c.Service || !attempt.Visit.same(visit):
		return nil, ErrKeyReused
	case attempt.Reason == ErrSlotTaken.Code:
		return nil, ErrSlotTaken
	case attempt.Outcome.Ended():
		return nil, ErrHoldEnded
	}
	return nil, nil
}

func (c ExtendHold) decide(s State) ([]Event, error) {
	attempt, err := s.held()
	if err != nil || s.Hold.Extended {
		return nil, err
	}
	return []Event{HoldExtended{c.Appointment, attempt.Visit.atMostStart(attempt.Until.Add(c.By))}}, nil
}

// atMostStart returns a time limit, or the start of the visit if that is earlier: what has begun is not held any more.
func (v Visit) atMostStart(until time.Time) time.Time {
	if v.Start.Before(until) {
		return v.Start
	}
	return domain.Microseconds(until)
}

func (c GiveDetails) decide(s State) ([]Event, error) {
	attempt, err := s.held()
	if err != nil || s.Hold.Given == c.Details {
		return nil, err
	}
	if s.Hold.Forms >= maxForms {
		return nil, ErrManyForms
	}
	given, until := c.Details, attempt.Visit.atMostStart(c.Until)
	if until.Before(attempt.Until) {
		until = attempt.Until
	}
	return []Event{DetailsGiven{
		c.Appointment, s.Account, given.Client, given.Name, given.Phone, given.Country, given.Email, given.Note,
		given.Language, until,
	}}, nil
}

// take returns the request that takes a hold over, with everything it holds, or why it cannot.
func (c Request) take(s State, visit Visit) ([]Event, error) {
	attempt, err := s.held()
	switch {
	case err != nil:
		return nil, err
	case s.Account != c.Account || s.Service != c.Service || !attempt.Visit.same(visit):
		return nil, ErrKeyReused
	}
	return []Event{c.requested(visit)}, nil
}

func (c Request) requested(visit Visit) Event {
	return Requested{
		c.Appointment, c.Account, c.Client, c.Service, c.Terms, visit, domain.Microseconds(c.Until), c.Approval,
	}
}
