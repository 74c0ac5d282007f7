package appointment

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Status is FHIR's appointment status. A request that was abandoned never was an appointment, so it is
// entered-in-error; one that the staff declined is cancelled.
type Status string

// The statuses an appointment can have; "" means there is no such appointment.
const (
	StatusPending        Status = "pending"
	StatusBooked         Status = "booked"
	StatusArrived        Status = "arrived"
	StatusFulfilled      Status = "fulfilled"
	StatusNoShow         Status = "noshow"
	StatusCancelled      Status = "cancelled"
	StatusEnteredInError Status = "entered-in-error"
)

// State is what an appointment is now.
type State struct {
	Status    Status
	Account   domain.AccountID
	Client    domain.ClientID
	Service   domain.ServiceID
	Terms     Terms
	Sequence  int       // RFC 5545 SEQUENCE
	Attempts  []Attempt // every visit ever asked for; an attempt's SEQUENCE is its index
	Confirmed bool
	declined  bool
	notes     []uuid.UUID
}

// Attempt is one visit asked for and what became of it.
type Attempt struct {
	Sequence int
	Wish     uuid.UUID // zero for the booking itself
	Visit    Visit
	Until    time.Time // after this anyone may abandon it while it is open
	Fate     Fate
	Reason   string // why it was abandoned
}

// Fate says what became of an attempt. It only ever grows.
type Fate int

// An attempt is open, then it stands or was abandoned; what stood may be over: moved away or cancelled.
const (
	Open Fate = iota
	Stands
	Over
	Forsaken
)

// Dead reports that an attempt will never stand (again): what it holds is to be released.
func (f Fate) Dead() bool { return f == Over || f == Forsaken }

// Exists reports whether anything ever happened to the appointment.
func (s State) Exists() bool { return s.Status != "" }

// Standing is the visit that stands; false when none does.
func (s State) Standing() (Attempt, bool) {
	return s.last(func(a Attempt) bool { return a.Fate == Stands })
}

// Undecided is the attempt that waits for its decision: the request itself or a move.
func (s State) Undecided() (Attempt, bool) {
	return s.last(func(a Attempt) bool { return a.Fate == Open })
}

// Asked is the attempt of a wish to move.
func (s State) Asked(wish uuid.UUID) (Attempt, bool) {
	return s.last(func(a Attempt) bool { return a.Sequence > 0 && a.Wish == wish })
}

func (s State) last(is func(Attempt) bool) (Attempt, bool) {
	for _, attempt := range slices.Backward(s.Attempts) {
		if is(attempt) {
			return attempt, true
		}
	}
	return Attempt{}, false
}

// Dead are the attempts whose holds, if any are left, are to be released.
func (s State) Dead() []Attempt {
	var dead []Attempt
	for _, attempt := range s.Attempts {
		if attempt.Fate.Dead() {
			dead = append(dead, attempt)
		}
	}
	return dead
}

// with answers a state in which the attempt of a sequence is what change makes of it.
func (s State) with(sequence int, change func(*Attempt)) State {
	s.Attempts = slices.Clone(s.Attempts)
	change(&s.Attempts[sequence])
	return s
}

func (s State) fate(sequence int, fate Fate, reason string) State {
	return s.with(sequence, func(a *Attempt) { a.Fate, a.Reason = fate, reason })
}

func (e Requested) evolve(State) State {
	return State{
		Status: StatusPending, Account: e.Account, Client: e.Client, Service: e.Service, Terms: e.Terms,
		Attempts: []Attempt{{Visit: e.Visit, Until: e.Until}},
	}
}

func (e Booked) evolve(s State) State {
	s.Status = StatusBooked
	return s.fate(0, Stands, "")
}

func (e Abandoned) evolve(s State) State {
	s.Status = StatusEnteredInError
	return s.fate(0, Forsaken, e.Reason)
}

func (e Declined) evolve(s State) State {
	s.Status, s.declined = StatusCancelled, true
	return s.fate(0, Forsaken, "declined")
}

func (e RescheduleRequested) evolve(s State) State {
	s.Attempts = append(slices.Clone(s.Attempts), Attempt{
		Sequence: e.Sequence, Wish: e.Wish, Visit: e.Visit, Until: e.Until,
	})
	return s
}

func (e Rescheduled) evolve(s State) State {
	s.Sequence, s.Confirmed = e.Sequence, false
	return s.fate(e.Revokes, Over, "").fate(e.Sequence, Stands, "")
}

func (e RescheduleAbandoned) evolve(s State) State { return s.fate(e.Sequence, Forsaken, e.Reason) }

func (e Cancelled) evolve(s State) State {
	s.Status, s.Sequence = StatusCancelled, e.Sequence
	return s.fate(e.Revokes, Over, "")
}

func (e Confirmed) evolve(s State) State    { s.Confirmed = true; return s }
func (e Arrived) evolve(s State) State      { s.Status = StatusArrived; return s }
func (e Fulfilled) evolve(s State) State    { s.Status = StatusFulfilled; return s }
func (e MarkedNoShow) evolve(s State) State { s.Status = StatusNoShow; return s }

func (e NoteAdded) evolve(s State) State {
	s.notes = append(slices.Clone(s.notes), e.Note)
	return s
}
