package diary

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a diary.
var (
	ErrSlotTaken = domain.Refuse(domain.Disallowed, "slot_taken",
		"this time is taken; choose another start")
	ErrTooManyUnits = domain.Refuse(domain.Invalid, "units_exceed_capacity",
		"the resource does not have that many units; ask for at least one and no more than it has")
	ErrNoTime = domain.Refuse(domain.Invalid, "interval_empty",
		"the end must be after the start")
	ErrOtherMonth = domain.Refuse(domain.Invalid, "other_month",
		"the interval is not in the month of this diary; use the diary of its month")
)

// Command is a request to change a diary.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Hold reserves units of a resource, in the diary of one month, for one revision of an appointment.
type Hold struct {
	Resource    domain.ResourceID
	Month       Month
	Appointment domain.AppointmentID
	Sequence    int
	Interval    domain.Interval // buffers included
	Units       int
	Capacity    int       // units the resource has
	Until       time.Time // after this a competitor may help to decide the appointment
}

// Release releases what Hold took. Releasing what is not held does nothing, so it is always safe.
type Release struct {
	Resource    domain.ResourceID
	Month       Month
	Appointment domain.AppointmentID
	Sequence    int
	Interval    domain.Interval
}

// Stream returns the diary of the resource and month.
func (c Hold) Stream() domain.Stream    { return StreamOf(c.Resource, c.Month) }
func (c Release) Stream() domain.Stream { return StreamOf(c.Resource, c.Month) }

func (c Hold) decide(s State) ([]Event, error) {
	switch {
	case !c.Interval.Start.Before(c.Interval.End):
		return nil, ErrNoTime
	case !slices.Contains(Months(c.Interval), c.Month):
		return nil, ErrOtherMonth
	case s.Holds(c.Appointment, c.Sequence, c.Interval):
		return nil, nil
	case c.Units < 1 || c.Units > c.Capacity:
		return nil, ErrTooManyUnits
	case s.Taken(c.Interval, c.Appointment, c.Sequence)+c.Units > c.Capacity:
		return nil, ErrSlotTaken
	}
	return []Event{UnitsHeld{c.Resource, c.Appointment, c.Sequence, c.Interval, c.Units, c.Until}}, nil
}

func (c Release) decide(s State) ([]Event, error) {
	if !s.Holds(c.Appointment, c.Sequence, c.Interval) {
		return nil, nil
	}
	return []Event{UnitsReleased{c.Resource, c.Appointment, c.Sequence, c.Interval}}, nil
}
