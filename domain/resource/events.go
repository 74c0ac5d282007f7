package resource

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a resource.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a resource stream may hold.
var Types = domain.Types{
	domain.TypeOf[ResourceAdded](),
	domain.TypeOf[ResourceChanged](),
	domain.TypeOf[ResourceRetired](),
	domain.TypeOf[ResourceReinstated](),
	domain.TypeOf[WeeklyHoursSet](),
	domain.TypeOf[TimeBlockAdded](),
	domain.TypeOf[TimeBlockRemoved](),
}

// ResourceAdded adds a member of staff, a room or a piece of equipment.
type ResourceAdded struct {
	Resource domain.ResourceID `json:"resource"`
	Account  domain.AccountID  `json:"account"`
	Profile
}

// ResourceChanged replaces the whole profile.
type ResourceChanged struct {
	Resource domain.ResourceID `json:"resource"`
	Account  domain.AccountID  `json:"account"`
	Profile
}

// Profile describes a resource. Its name may be that of a person, so it is private, under the key of the account.
type Profile struct {
	Name  domain.Private `json:"name"`
	Kind  string         `json:"kind"`  // staff, room, equipment
	Units int            `json:"units"` // units that can be taken at the same time
	// Email is where a member of staff gets the agenda of their own appointments. Without it there is none.
	Email  domain.Private `json:"email,omitzero"`
	Agenda Agenda         `json:"agenda,omitzero"`
}

// Agenda is when a member of staff gets the daily agenda, and whether.
type Agenda struct {
	At  string `json:"at,omitzero"` // local time, "06:30"; absent for that of the account
	Off bool   `json:"off,omitzero"`
}

// ResourceRetired ends new bookings of a resource.
type ResourceRetired struct {
	Resource domain.ResourceID `json:"resource"`
}

// WeeklyHoursSet replaces all weekly hours.
type WeeklyHoursSet struct {
	Resource domain.ResourceID `json:"resource"`
	Zone     string            `json:"zone"` // IANA
	Hours    []Hours           `json:"hours"`
}

// Hours are open on the given weekdays (0 = Sunday) from From to To, in local time: "09:00". A To after midnight is
// written past "24:00".
type Hours struct {
	Days []int  `json:"days"`
	From string `json:"from"`
	To   string `json:"to"`
}

// TimeBlockAdded makes the resource available or not for a dated period.
type TimeBlockAdded struct {
	Resource domain.ResourceID `json:"resource"`
	Block    domain.BlockID    `json:"block"`
	TimeBlock
}

// TimeBlock adjusts the weekly hours. One that is not available removes time. One that is available adds time, or
// with Replace replaces the weekly hours of the local dates it touches. No services means all services.
type TimeBlock struct {
	Interval  domain.Interval    `json:"interval"`
	Available bool               `json:"available"`
	Replace   bool               `json:"replace,omitzero"`
	Services  []domain.ServiceID `json:"services,omitempty"`
}

// TimeBlockRemoved removes a TimeBlock.
type TimeBlockRemoved struct {
	Resource domain.ResourceID `json:"resource"`
	Block    domain.BlockID    `json:"block"`
}

// ResourceReinstated takes the retirement of a resource back: it can be booked again.
type ResourceReinstated struct {
	Resource domain.ResourceID `json:"resource"`
}

// EventType returns the stored name.
func (ResourceAdded) EventType() string      { return "ResourceAdded" }
func (ResourceChanged) EventType() string    { return "ResourceChanged" }
func (ResourceRetired) EventType() string    { return "ResourceRetired" }
func (ResourceReinstated) EventType() string { return "ResourceReinstated" }
func (WeeklyHoursSet) EventType() string     { return "WeeklyHoursSet" }
func (TimeBlockAdded) EventType() string     { return "TimeBlockAdded" }
func (TimeBlockRemoved) EventType() string   { return "TimeBlockRemoved" }

// Subject returns the account, which owns the name.
func (e ResourceAdded) Subject() domain.Subject {
	return domain.StreamOf("account", e.Account.String())
}

func (e ResourceChanged) Subject() domain.Subject {
	return domain.StreamOf("account", e.Account.String())
}
