package appointment

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// openDays is how many local days after the day on which a visit ends its marks can be corrected and cleared, and its
// cancellation taken back: who notices a mistake does so the same day or the next. A first mark has no such limit.
const openDays = 1

// closes returns when the day of a visit is closed: the end of the following local day.
func (v Visit) closes() time.Time {
	year, month, day := v.End.In(v.zone()).Date()
	return domain.FirstInstant(year, month, day+openDays+1, v.zone())
}

// day returns when the local day begins on which a visit starts.
func (v Visit) day() time.Time {
	year, month, day := v.Start.In(v.zone()).Date()
	return domain.FirstInstant(year, month, day, v.zone())
}

// zone returns the zone of the promised local time. A zone that is not known any more is read as UTC.
func (v Visit) zone() *time.Location {
	if zone, err := domain.ParseZone(v.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// marked returns the events of a mark at a time, none if it is set already. A visit marked as arrived can still be
// marked as fulfilled or missed; a final mark can be corrected until the day is closed.
func (s State) marked(id domain.AppointmentID, mark Status, at time.Time, by Event) ([]Event, error) {
	switch {
	case s.Status == mark:
		return nil, nil
	case s.Status == StatusBooked, s.Status == StatusArrived:
		return s.overtake(id, by), nil
	case s.Status != StatusFulfilled && s.Status != StatusNoShow:
		return nil, s.changeable()
	}
	if !at.Before(s.Latest().Visit.closes()) {
		return nil, ErrDayClosed
	}
	return []Event{by}, nil
}

func (c Confirm) decide(s State) ([]Event, error) {
	switch {
	case s.Confirmed, s.Status == StatusArrived, s.Status == StatusFulfilled:
		return nil, nil
	}
	if err := s.MayConfirm(c.At); err != nil {
		return nil, err
	}
	return []Event{Confirmed{c.Appointment}}, nil
}

// MayConfirm returns why the client cannot confirm the appointment at a time, or nil.
func (s State) MayConfirm(at time.Time) error {
	if err := s.changeable(); err != nil {
		return err
	}
	if !at.Before(s.Latest().Visit.End) {
		return ErrOver
	}
	return nil
}

func (c Arrive) decide(s State) ([]Event, error) {
	current, ok := s.Current()
	if ok && s.Status != StatusArrived && c.At.Before(current.Visit.day()) {
		return nil, domain.Refusef(ErrNotYet.Reason, ErrNotYet.Code,
			"this appointment is on %s; mark the arrival on that day", current.Visit.Start.In(current.Visit.zone()).
				Format(time.DateOnly))
	}
	return s.marked(c.Appointment, StatusArrived, c.At, Arrived{c.Appointment})
}

func (c Fulfil) decide(s State) ([]Event, error) {
	if current, ok := s.Current(); ok && c.At.Before(current.Visit.Start) {
		return nil, ErrNotYet
	}
	return s.marked(c.Appointment, StatusFulfilled, c.At, Fulfilled{c.Appointment})
}

func (c MarkNoShow) decide(s State) ([]Event, error) {
	if current, ok := s.Current(); ok && c.At.Before(current.Visit.Start) {
		return nil, ErrNotYet
	}
	return s.marked(c.Appointment, StatusNoShow, c.At, MarkedNoShow{c.Appointment})
}

func (c ClearMark) decide(s State) ([]Event, error) {
	switch s.Status {
	case StatusBooked:
		return nil, nil
	case StatusArrived, StatusFulfilled, StatusNoShow:
		return s.cleared(c.Appointment, c.At, string(s.Status))
	case StatusPending, StatusCancelled, StatusEnteredInError:
	}
	return nil, s.changeable()
}

func (c ClearConfirmation) decide(s State) ([]Event, error) {
	switch err := s.changeable(); {
	case s.Exists() && !s.Confirmed:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return s.cleared(c.Appointment, c.At, "confirmed")
}

func (s State) cleared(id domain.AppointmentID, at time.Time, mark string) ([]Event, error) {
	if !at.Before(s.Latest().Visit.closes()) {
		return nil, ErrDayClosed
	}
	return []Event{MarkCleared{id, mark}}, nil
}

func (c RequestReinstatement) decide(s State) ([]Event, error) {
	if c.RequestID == uuid.Nil {
		return nil, ErrNoRequestID
	}
	if attempt, requested := s.MoveRequested(c.RequestID); requested {
		if attempt.Outcome == OutcomeAbandoned {
			return nil, attempt.refusal()
		}
		return nil, nil
	}
	switch s.Status {
	case StatusBooked:
		return nil, nil
	case StatusCancelled:
	case "", StatusPending, StatusArrived, StatusFulfilled, StatusNoShow, StatusEnteredInError:
		return nil, s.changeable()
	}
	last := s.Latest()
	switch {
	case last.Outcome != OutcomeSuperseded:
		return nil, last.refusal() // a request that was declined
	case c.Seen.stale(s):
		return nil, ErrStale
	case !c.At.Before(last.Visit.closes()):
		return nil, ErrDayClosed
	}
	next := max(len(s.Attempts), s.Sequence+1) // the cancellation has a SEQUENCE of its own
	requested := RescheduleRequested{
		Appointment: c.Appointment, RequestID: c.RequestID, Sequence: next, Visit: last.Visit,
		Until: domain.Microseconds(c.Until),
	}
	other, open := s.OpenAttempt()
	switch {
	case !open:
		return []Event{requested}, nil
	case !c.At.After(other.Until):
		return nil, ErrMoving
	}
	return []Event{RescheduleAbandoned{c.Appointment, other.Sequence, Expired}, requested}, nil
}
