package diary

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Event is anything that can have happened in a diary.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a diary stream may hold.
var Types = domain.Types{domain.TypeOf[UnitsHeld](), domain.TypeOf[UnitsReleased]()}

// UnitsHeld reserves units of the resource for one revision of an appointment.
type UnitsHeld struct {
	Resource    domain.ResourceID    `json:"resource"`
	Appointment domain.AppointmentID `json:"appointment"`
	Sequence    int                  `json:"sequence"` // RFC 5545 SEQUENCE of the appointment that the hold is for
	Interval    domain.Interval      `json:"interval"` // buffers included
	Units       int                  `json:"units"`
	Until       time.Time            `json:"until"` // after this a competitor may help to decide it
}

// UnitsReleased releases units that were held.
type UnitsReleased struct {
	Resource    domain.ResourceID    `json:"resource"`
	Appointment domain.AppointmentID `json:"appointment"`
	Sequence    int                  `json:"sequence"`
	Interval    domain.Interval      `json:"interval"` // as it was held
}

// EventType returns the stored name.
func (UnitsHeld) EventType() string     { return "UnitsHeld" }
func (UnitsReleased) EventType() string { return "UnitsReleased" }
