package appointment

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Status is the FHIR appointment status. An abandoned request never was an appointment, so it is entered-in-error.
// One that the staff declined is cancelled.
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

// State is the current state of an appointment.
type State struct {
	Status    Status
	Account   domain.AccountID
	Client    domain.ClientID
	Service   domain.ServiceID
	Terms     Terms
	Sequence  int       // RFC 5545 SEQUENCE
	Attempts  []Attempt // every requested visit; its SEQUENCE is the index
	Confirmed bool
	Promised  int       // SEQUENCE of the visit whose local time the client was told first; later ones kept that time
	Concerns  []Concern // what the staff must look at, or have resolved, about the current visit
	Hold      Hold      // of a visitor; zero once it is requested
	Links     int       // the generation of signed links that is valid; a revocation starts the next
	notes     []uuid.UUID
}

// Attempt is one requested visit with its outcome.
type Attempt struct {
	Sequence  int
	RequestID uuid.UUID // of the request to move; zero for the booking itself
	Visit     Visit
	Until     time.Time // after this anyone may abandon it while it is open
	Outcome   Outcome
	Reason    string // why it was abandoned
	Cause     string // why it is moved, if no person wants it
	Approval  bool   // the staff decide it

	Reinstates bool // it takes a cancellation back

	Overridden []string       // rules of the service that the staff overrode with it
	Override   domain.Private // why
}

// Outcome says what became of an attempt.
type Outcome int

// An attempt is open, then confirmed or abandoned. A move or a cancellation supersedes a confirmed one.
const (
	OutcomeOpen Outcome = iota
	OutcomeConfirmed
	OutcomeSuperseded
	OutcomeAbandoned
)

// Ended reports whether an attempt is superseded or abandoned. It stays so, and its holds are to be released.
func (o Outcome) Ended() bool { return o == OutcomeSuperseded || o == OutcomeAbandoned }

// Exists reports whether the appointment was ever requested.
func (s State) Exists() bool { return s.Status != "" }

// Current returns the attempt that is confirmed now, or false.
func (s State) Current() (Attempt, bool) {
	return s.last(func(a Attempt) bool { return a.Outcome == OutcomeConfirmed })
}

// Latest returns the attempt whose visit stands for the appointment: the confirmed one, or after a cancellation the
// last that was; else the booking itself. It is zero if there is no such appointment.
func (s State) Latest() Attempt {
	if attempt, ok := s.last(func(a Attempt) bool {
		return a.Outcome == OutcomeConfirmed || a.Outcome == OutcomeSuperseded
	}); ok || !s.Exists() {
		return attempt
	}
	return s.Attempts[0]
}

// OpenAttempt returns the attempt that is not decided yet, the booking itself or a move, or false.
func (s State) OpenAttempt() (Attempt, bool) {
	return s.last(func(a Attempt) bool { return a.Outcome == OutcomeOpen })
}

// MoveRequested returns the attempt that a request to move opened, or false when it opened none.
func (s State) MoveRequested(request uuid.UUID) (Attempt, bool) {
	return s.last(func(a Attempt) bool { return a.Sequence > 0 && a.RequestID == request })
}

func (s State) last(is func(Attempt) bool) (Attempt, bool) {
	for _, attempt := range slices.Backward(s.Attempts) {
		if is(attempt) {
			return attempt, true
		}
	}
	return Attempt{}, false
}

// EndedAttempts returns the attempts whose holds, if any are left, are to be released.
func (s State) EndedAttempts() []Attempt {
	var ended []Attempt
	for _, attempt := range s.Attempts {
		if attempt.Outcome.Ended() {
			ended = append(ended, attempt)
		}
	}
	return ended
}

// with returns a state in which change was applied to the attempt of a sequence.
func (s State) with(sequence int, change func(*Attempt)) State {
	s.Attempts = slices.Clone(s.Attempts)
	change(&s.Attempts[sequence])
	return s
}

func (s State) decided(sequence int, outcome Outcome, reason string) State {
	return s.with(sequence, func(a *Attempt) { a.Outcome, a.Reason = outcome, reason })
}

func (e Requested) evolve(State) State {
	return State{
		Status: StatusPending, Account: e.Account, Client: e.Client, Service: e.Service, Terms: e.Terms,
		Attempts: []Attempt{{Visit: e.Visit, Until: e.Until, Approval: e.Approval}},
	}
}

func (e Booked) evolve(s State) State {
	s.Status = StatusBooked
	return s.decided(0, OutcomeConfirmed, "")
}

func (e Abandoned) evolve(s State) State {
	s.Status = StatusEnteredInError
	return s.decided(0, OutcomeAbandoned, e.Reason)
}

func (e Declined) evolve(s State) State {
	s.Status = StatusCancelled
	return s.decided(0, OutcomeAbandoned, "declined")
}

func (e RescheduleRequested) evolve(s State) State {
	s.Attempts = slices.Clone(s.Attempts)
	for n := len(s.Attempts); n < e.Sequence; n++ { // the SEQUENCE of a cancellation had no visit
		s.Attempts = append(s.Attempts, Attempt{Sequence: n, Outcome: OutcomeAbandoned, Reason: "cancelled"})
	}
	s.Attempts = append(s.Attempts, Attempt{
		Sequence: e.Sequence, RequestID: e.RequestID, Visit: e.Visit, Until: e.Until, Cause: e.Cause,
		Reinstates: s.Status == StatusCancelled,
	})
	return s
}

func (e Rescheduled) evolve(s State) State {
	s.Sequence = e.Sequence
	if e.Cause == ZoneRules {
		s.Concerns = slices.DeleteFunc(slices.Clone(s.Concerns), func(c Concern) bool { return c.Reason == ZoneRules })
	} else {
		s.Promised, s.Confirmed, s.Concerns = e.Sequence, false, nil
	}
	return s.decided(e.Revokes, OutcomeSuperseded, "").decided(e.Sequence, OutcomeConfirmed, "")
}

func (e RescheduleAbandoned) evolve(s State) State {
	return s.decided(e.Sequence, OutcomeAbandoned, e.Reason)
}

func (e Cancelled) evolve(s State) State {
	s.Status, s.Sequence, s.Concerns = StatusCancelled, e.Sequence, nil
	return s.decided(e.Revokes, OutcomeSuperseded, "")
}

func (e Confirmed) evolve(s State) State    { s.Confirmed = true; return s }
func (e Arrived) evolve(s State) State      { return s.withMark(StatusArrived) }
func (e Fulfilled) evolve(s State) State    { return s.withMark(StatusFulfilled) }
func (e MarkedNoShow) evolve(s State) State { return s.withMark(StatusNoShow) }

// withMark returns a state whose client has come, or has not. Nothing is left for the staff to arrange.
func (s State) withMark(status Status) State {
	s.Status, s.Concerns = status, nil
	return s
}

func (e NoteAdded) evolve(s State) State {
	s.notes = append(slices.Clone(s.notes), e.Note)
	return s
}

func (e RulesOverridden) evolve(s State) State {
	return s.with(e.Sequence, func(a *Attempt) { a.Overridden, a.Override = e.Rules, e.Reason })
}

func (e MarkCleared) evolve(s State) State {
	if e.Mark == "confirmed" {
		s.Confirmed = false
		return s
	}
	s.Status = StatusBooked
	return s
}

func (e Reinstated) evolve(s State) State {
	s.Status, s.Sequence, s.Confirmed = StatusBooked, e.Sequence, false
	return s.decided(e.Sequence, OutcomeConfirmed, "")
}
