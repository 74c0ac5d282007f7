package appointment

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// ZoneRules is the cause of a move that keeps the promised local time: the rules of its zone changed.
const ZoneRules = "zone_rules"

// RequestAdjustment requests the move of a visit to the instants that its promised local time has by now. The client
// is not told, because nothing that they know changes. The same RequestID moves once.
type RequestAdjustment struct {
	Appointment domain.AppointmentID
	RequestID   uuid.UUID
	Sequence    int // of the visit to adjust
	Visit       Visit
	At          time.Time
	Until       time.Time // after this anyone may abandon it
}

// Stream returns the stream of the appointment.
func (c RequestAdjustment) Stream() domain.Stream { return StreamOf(c.Appointment) }

func (c RequestAdjustment) decide(s State) ([]Event, error) {
	visit, err := c.Visit.canonical()
	if err != nil {
		return nil, err
	}
	if c.RequestID == uuid.Nil {
		return nil, ErrNoRequestID
	}
	if attempt, requested := s.MoveRequested(c.RequestID); requested {
		if attempt.Outcome == OutcomeAbandoned {
			return nil, attempt.refusal()
		}
		return nil, nil
	}
	if err := s.changeable(); err != nil {
		return nil, err
	}
	now, _ := s.Current()
	switch {
	case now.Sequence != c.Sequence:
		return nil, ErrStale
	case now.Visit.same(visit):
		return nil, nil
	}
	return s.openMove(RescheduleRequested{
		Appointment: c.Appointment, RequestID: c.RequestID, Sequence: len(s.Attempts), Visit: visit,
		Until: domain.Microseconds(c.Until), Cause: ZoneRules,
	}, c.At)
}

// openMove returns the events that open a move. Another open move is abandoned once its limit has passed.
func (s State) openMove(requested RescheduleRequested, at time.Time) ([]Event, error) {
	other, moving := s.OpenAttempt()
	switch {
	case !moving:
		return []Event{requested}, nil
	case !at.After(other.Until):
		return nil, ErrMoving
	}
	return []Event{RescheduleAbandoned{requested.Appointment, other.Sequence, Expired}, requested}, nil
}
