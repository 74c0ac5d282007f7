package service

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a service.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a service stream may hold.
var Types = domain.Types{
	domain.TypeOf[ServiceDefined](),
	domain.TypeOf[ServiceChanged](),
	domain.TypeOf[ServiceRetired](),
	domain.TypeOf[ServiceReinstated](),
}

// ServiceDefined adds a service with policy version 1.
type ServiceDefined struct {
	Service domain.ServiceID `json:"service"`
	Account domain.AccountID `json:"account"`
	Policy
}

// ServiceChanged replaces the policy. Appointments keep the version they were booked under.
type ServiceChanged struct {
	Service domain.ServiceID `json:"service"`
	Version int              `json:"version"` // from 2
	Policy
}

// ServiceRetired ends new bookings of a service.
type ServiceRetired struct {
	Service domain.ServiceID `json:"service"`
}

// Policy is the full set of booking rules of a service. Durations are in minutes; 0 means no such rule.
type Policy struct {
	Name            string        `json:"name"`
	DurationMin     int           `json:"duration_min"`
	IntervalMin     int           `json:"interval_min,omitzero"` // between starts; 0 means the duration
	OffsetMin       int           `json:"offset_min,omitzero"`
	BufferBeforeMin int           `json:"buffer_before_min,omitzero"`
	BufferAfterMin  int           `json:"buffer_after_min,omitzero"`
	Packing         string        `json:"packing,omitzero"` // local_hour_grid (default) or packed
	ConsecutiveOnly bool          `json:"consecutive_only,omitzero"`
	MinNoticeMin    int           `json:"min_notice_min,omitzero"`
	HorizonDays     int           `json:"horizon_days,omitzero"`
	PerDay          int           `json:"per_day,omitzero"`    // of this service in a local day of the account
	PerWeek         int           `json:"per_week,omitzero"`   // in a week from Monday to Sunday
	PerClient       int           `json:"per_client,omitzero"` // of one client in a local day
	MoveCutoffMin   int           `json:"move_cutoff_min,omitzero"`
	CancelCutoffMin int           `json:"cancel_cutoff_min,omitzero"`
	PriceText       string        `json:"price_text,omitzero"`
	Requirements    []Requirement `json:"requirements"` // all of them
}

// Requirement is met by any one of its choices.
type Requirement struct {
	AnyOf []Choice `json:"any_of"`
}

// Choice is one resource and how many of its units an appointment takes.
type Choice struct {
	Resource domain.ResourceID `json:"resource"`
	Units    int               `json:"units"`
}

// ServiceReinstated takes the retirement of a service back: it can be booked again.
type ServiceReinstated struct {
	Service domain.ServiceID `json:"service"`
}

// EventType returns the stored name.
func (ServiceDefined) EventType() string    { return "ServiceDefined" }
func (ServiceChanged) EventType() string    { return "ServiceChanged" }
func (ServiceRetired) EventType() string    { return "ServiceRetired" }
func (ServiceReinstated) EventType() string { return "ServiceReinstated" }
