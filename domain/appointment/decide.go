package appointment

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

func (c Request) decide(s State) ([]Event, error) {
	visit, err := c.Visit.canonical()
	if err != nil {
		return nil, err
	}
	if _, held := s.Held(); held {
		return c.take(s, visit)
	}
	if !s.Exists() {
		return []Event{c.requested(visit)}, nil
	}
	first := s.Attempts[0]
	same := s.Account == c.Account && s.Client == c.Client && s.Service == c.Service && first.Visit.same(visit)
	switch {
	case !same:
		return nil, ErrKeyReused
	case first.Outcome == OutcomeAbandoned:
		return nil, first.refusal()
	}
	return nil, nil
}

// refusal returns the error for repeating the request of an abandoned attempt.
func (a Attempt) refusal() error {
	if refusal, known := because[a.Reason]; known {
		return refusal
	}
	return ErrAbandoned
}

func (c Book) decide(s State) ([]Event, error) {
	if !s.Exists() {
		return nil, ErrUnknown
	}
	switch first := s.Attempts[0]; first.Outcome {
	case OutcomeOpen:
		if first.Approval {
			return nil, ErrApproval
		}
		return s.booked(c.Appointment, c.Silent, false), nil
	case OutcomeAbandoned:
		return nil, first.refusal()
	case OutcomeConfirmed, OutcomeSuperseded:
	}
	return nil, nil
}

func (s State) booked(id domain.AppointmentID, silent, approved bool) []Event {
	return []Event{Booked{id, s.Account, s.Client, s.Service, s.Attempts[0].Visit, silent, approved}}
}

func (c Approve) decide(s State) ([]Event, error) {
	if !s.Exists() {
		return nil, ErrUnknown
	}
	switch first := s.Attempts[0]; {
	case first.Outcome == OutcomeAbandoned:
		return nil, first.refusal()
	case first.Outcome != OutcomeOpen:
		return nil, nil
	}
	return s.booked(c.Appointment, c.Silent, true), nil
}

func (c Abandon) decide(s State) ([]Event, error) {
	_, held := s.Held()
	if !s.Exists() && !held {
		return nil, ErrUnknown
	}
	switch first := s.Attempts[0]; {
	case first.Outcome == OutcomeAbandoned:
		return nil, nil
	case first.Outcome != OutcomeOpen:
		return nil, ErrDecided
	case c.Reason == Expired && !c.At.After(first.Until):
		return nil, ErrInTime
	case held:
		return []Event{HoldEnded{c.Appointment, s.Account, c.Reason}}, nil
	}
	return []Event{Abandoned{c.Appointment, c.Reason}}, nil
}

func (c Decline) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case s.Attempts[0].Outcome == OutcomeAbandoned:
		return nil, nil
	case s.Attempts[0].Outcome != OutcomeOpen:
		return nil, ErrDecided
	}
	return []Event{Declined{c.Appointment, s.Client, c.Reason, c.Silent}}, nil
}

func (c RequestReschedule) decide(s State) ([]Event, error) {
	visit, err := c.Visit.canonical()
	if err != nil {
		return nil, err
	}
	if c.RequestID == uuid.Nil {
		return nil, ErrNoRequestID
	}
	if attempt, requested := s.MoveRequested(c.RequestID); requested {
		switch {
		case !attempt.Visit.same(visit):
			return nil, ErrKeyReused
		case attempt.Outcome == OutcomeAbandoned:
			return nil, attempt.refusal()
		}
		return nil, nil
	}
	if err := s.changeable(); err != nil {
		return nil, err
	}
	now, _ := s.Current()
	switch {
	case c.Seen.stale(s):
		return nil, ErrStale
	case now.Visit.same(visit):
		return nil, nil
	}
	if err := s.MayMove(c.By, c.At); err != nil {
		return nil, err
	}
	return s.openMove(RescheduleRequested{
		Appointment: c.Appointment, RequestID: c.RequestID, Sequence: len(s.Attempts), Visit: visit,
		Until: domain.Microseconds(c.Until),
	}, c.At)
}

// MayMove returns why a sender may not move the appointment at a time, wherever to, or nil.
func (s State) MayMove(by By, at time.Time) error {
	if err := s.changeable(); err != nil {
		return err
	}
	if now, _ := s.Current(); by != Staff && late(at, now.Visit, s.Terms.MoveCutoffMin) {
		return ErrCutOff
	}
	return nil
}

// MayCancel returns why a sender may not cancel the appointment or withdraw its request at a time, or nil.
func (s State) MayCancel(by By, at time.Time) error {
	if s.Status == StatusPending {
		return nil
	}
	if err := s.changeable(); err != nil {
		return err
	}
	if now, _ := s.Current(); by != Staff && late(at, now.Visit, s.Terms.CancelCutoffMin) {
		return ErrCutOff
	}
	return nil
}

// changeable returns why an appointment cannot be moved or cancelled, or nil.
func (s State) changeable() error {
	switch s.Status {
	case StatusBooked:
		return nil
	case "":
		return ErrUnknown
	case StatusPending:
		return ErrNotBooked
	case StatusCancelled:
		return ErrCancelled
	case StatusEnteredInError:
		return s.Attempts[0].refusal()
	case StatusArrived, StatusFulfilled, StatusNoShow:
	}
	return ErrOver
}

// late reports whether a client is past the cut-off, which is in minutes before the start.
func late(now time.Time, visit Visit, cutoffMin int) bool {
	return !now.Before(visit.Start.Add(-time.Duration(cutoffMin) * time.Minute))
}

func (c Reschedule) decide(s State) ([]Event, error) {
	if c.Sequence < 1 || c.Sequence >= len(s.Attempts) {
		return nil, ErrUnknown
	}
	attempt := s.Attempts[c.Sequence]
	before, confirmed := s.Current()
	switch {
	case attempt.Outcome == OutcomeAbandoned:
		return nil, attempt.refusal()
	case attempt.Outcome != OutcomeOpen:
		return nil, nil
	case attempt.Reinstates:
		return []Event{Reinstated{
			c.Appointment, s.Account, s.Client, s.Service, c.Sequence, attempt.Visit, c.Silent,
		}}, nil
	case !confirmed:
		return nil, ErrOvertaken
	}
	return []Event{Rescheduled{
		c.Appointment, s.Account, s.Client, s.Service, c.Sequence, attempt.Visit, before.Visit, before.Sequence,
		attempt.Cause, c.Silent,
	}}, nil
}

func (c AbandonReschedule) decide(s State) ([]Event, error) {
	if c.Sequence < 1 || c.Sequence >= len(s.Attempts) {
		return nil, ErrUnknown
	}
	switch attempt := s.Attempts[c.Sequence]; {
	case attempt.Outcome == OutcomeAbandoned:
		return nil, nil
	case attempt.Outcome != OutcomeOpen:
		return nil, ErrDecided
	case c.Reason == Expired && !c.At.After(attempt.Until):
		return nil, ErrInTime
	}
	return []Event{RescheduleAbandoned{c.Appointment, c.Sequence, c.Reason}}, nil
}

func (c Cancel) decide(s State) ([]Event, error) {
	switch s.Status {
	case StatusCancelled, StatusEnteredInError:
		return nil, nil
	case StatusPending:
		return []Event{Abandoned{c.Appointment, Withdrawn}}, nil
	case StatusBooked, StatusArrived, StatusFulfilled, StatusNoShow:
	}
	if err := s.changeable(); err != nil {
		return nil, err
	}
	if c.Seen.stale(s) {
		return nil, ErrStale
	}
	if err := s.MayCancel(c.By, c.At); err != nil {
		return nil, err
	}
	now, _ := s.Current()
	return s.overtake(c.Appointment, Cancelled{
		c.Appointment, s.Account, s.Client, len(s.Attempts), now.Visit, now.Sequence, c.By, c.Reason, c.Silent,
	}), nil
}

// overtake abandons an open move before the event that makes it pointless.
func (s State) overtake(id domain.AppointmentID, by Event) []Event {
	if move, moving := s.OpenAttempt(); moving {
		return []Event{RescheduleAbandoned{id, move.Sequence, Overtaken}, by}
	}
	return []Event{by}
}

func (c AddNote) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case c.Note == uuid.Nil:
		return nil, ErrNoteWithoutID
	case slices.Contains(s.notes, c.Note):
		return nil, nil
	}
	return []Event{NoteAdded{c.Appointment, c.Note, s.Client, c.Text}}, nil
}

func (c Overrule) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists() || c.Sequence < 0 || c.Sequence >= len(s.Attempts):
		return nil, ErrUnknown
	case c.Reason.IsZero():
		return nil, ErrNoReason
	case len(c.Rules) == 0, len(s.Attempts[c.Sequence].Overridden) > 0, s.Attempts[c.Sequence].Outcome != OutcomeOpen:
		return nil, nil
	}
	return []Event{RulesOverridden{c.Appointment, s.Client, c.Sequence, slices.Clone(c.Rules), c.Reason}}, nil
}
