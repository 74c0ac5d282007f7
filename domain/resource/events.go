package resource

import "github.com/clickbook/clickbook/domain"

// Event is what can have happened to a resource.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a resource stream may hold.
var Types = domain.Types{
	domain.TypeOf[ResourceAdded](),
	domain.TypeOf[ResourceChanged](),
	domain.TypeOf[ResourceRetired](),
	domain.TypeOf[WeeklyHoursSet](),
	domain.TypeOf[TimeBlockAdded](),
	domain.TypeOf[TimeBlockRemoved](),
}

// ResourceAdded makes a staff member, room or piece of equipment bookable.
type ResourceAdded struct {
	Resource domain.ResourceID `json:"resource"`
	Account  domain.AccountID  `json:"account"`
	Profile
}

// ResourceChanged replaces the profile as a whole.
type ResourceChanged struct {
	Resource domain.ResourceID `json:"resource"`
	Account  domain.AccountID  `json:"account"`
	Profile
}

// Profile is what a resource is. The name may be a person's, so it is private, under the account's key.
type Profile struct {
	Name  domain.Private `json:"name"`
	Kind  string         `json:"kind"`  // staff, room, equipment
	Units int            `json:"units"` // how many appointments' units fit at one instant
}

// ResourceRetired ends new bookings of a resource.
type ResourceRetired struct {
	Resource domain.ResourceID `json:"resource"`
}

// WeeklyHoursSet replaces the standing hours as a whole.
type WeeklyHoursSet struct {
	Resource domain.ResourceID `json:"resource"`
	Zone     string            `json:"zone"` // IANA
	Hours    []Hours           `json:"hours"`
}

// Hours are open on the given weekdays (0 = Sunday) from From to To, local wall clock "09:00"; a To past
// midnight is written past "24:00".
type Hours struct {
	Days []int  `json:"days"`
	From string `json:"from"`
	To   string `json:"to"`
}

// TimeBlockAdded makes the resource available or not for a dated range.
type TimeBlockAdded struct {
	Resource domain.ResourceID `json:"resource"`
	Block    domain.BlockID    `json:"block"`
	TimeBlock
}

// TimeBlock adjusts the weekly hours: not available takes away, available adds, available with replace stands
// instead of the weekly hours of the local dates it touches. No services means all.
type TimeBlock struct {
	Interval  domain.Interval    `json:"interval"`
	Available bool               `json:"available"`
	Replace   bool               `json:"replace,omitzero"`
	Services  []domain.ServiceID `json:"services,omitempty"`
}

// TimeBlockRemoved takes a block back.
type TimeBlockRemoved struct {
	Resource domain.ResourceID `json:"resource"`
	Block    domain.BlockID    `json:"block"`
}

// EventType names are the stored names.
func (ResourceAdded) EventType() string    { return "ResourceAdded" }
func (ResourceChanged) EventType() string  { return "ResourceChanged" }
func (ResourceRetired) EventType() string  { return "ResourceRetired" }
func (WeeklyHoursSet) EventType() string   { return "WeeklyHoursSet" }
func (TimeBlockAdded) EventType() string   { return "TimeBlockAdded" }
func (TimeBlockRemoved) EventType() string { return "TimeBlockRemoved" }

// Subject of a resource's name is the account.
func (e ResourceAdded) Subject() domain.Subject {
	return domain.StreamOf("account", e.Account.String())
}

func (e ResourceChanged) Subject() domain.Subject {
	return domain.StreamOf("account", e.Account.String())
}
