package resource

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a resource.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "resource_unknown", "there is no such resource; check its id")
	ErrExists  = domain.Refuse(domain.Disallowed, "resource_exists",
		"this resource already exists with another profile; change it instead")
	ErrRetired = domain.Refuse(domain.Disallowed, "resource_retired",
		"this resource is retired; reinstate it, or add another one")
	ErrProfile      = domain.Refuse(domain.Invalid, "resource_profile_invalid", "this profile of a resource is invalid")
	ErrHours        = domain.Refuse(domain.Invalid, "hours_invalid", "these hours are invalid")
	ErrBlock        = domain.Refuse(domain.Invalid, "time_block_invalid", "this TimeBlock is invalid")
	ErrBlockUnknown = domain.Refuse(domain.Unknown, "time_block_unknown", "there is no such TimeBlock; check its id")
	ErrBlockExists  = domain.Refuse(domain.Disallowed, "time_block_exists",
		"this TimeBlock's id was used before; add it under a new id")
	ErrBlocksFull = domain.Refuse(domain.Disallowed, "time_blocks_full",
		"this resource has 5000 TimeBlocks; remove some that are past")
	ErrServicesFull = domain.Refuse(domain.Disallowed, "time_blocks_full",
		"the TimeBlocks of this resource name 20000 services; remove some that are past, or name no service for all")
)

// Command is a request to change a resource.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Add adds a resource. It can be booked once it has hours.
type Add struct {
	Resource domain.ResourceID
	Account  domain.AccountID
	Profile  Profile
}

// Change replaces the whole profile.
type Change struct {
	Resource domain.ResourceID
	Profile  Profile
}

// Retire ends new bookings.
type Retire struct{ Resource domain.ResourceID }

// Reinstate takes the retirement back.
type Reinstate struct{ Resource domain.ResourceID }

// SetWeeklyHours replaces all weekly hours; without hours the resource is closed. NewWeeklyHours builds it from text
// and checks the zone.
type SetWeeklyHours struct {
	Resource domain.ResourceID
	Zone     string
	Hours    []Hours
}

// AddTimeBlock makes the resource available or not for a dated period.
type AddTimeBlock struct {
	Resource domain.ResourceID
	Block    domain.BlockID
	TimeBlock
}

// RemoveTimeBlock removes a TimeBlock.
type RemoveTimeBlock struct {
	Resource domain.ResourceID
	Block    domain.BlockID
}

// Stream returns the stream of the resource.
func (c Add) Stream() domain.Stream             { return Stream(c.Resource) }
func (c Change) Stream() domain.Stream          { return Stream(c.Resource) }
func (c Reinstate) Stream() domain.Stream       { return Stream(c.Resource) }
func (c Retire) Stream() domain.Stream          { return Stream(c.Resource) }
func (c SetWeeklyHours) Stream() domain.Stream  { return Stream(c.Resource) }
func (c AddTimeBlock) Stream() domain.Stream    { return Stream(c.Resource) }
func (c RemoveTimeBlock) Stream() domain.Stream { return Stream(c.Resource) }

func (c Add) decide(s State) ([]Event, error) {
	switch {
	case s.Retired:
		return nil, ErrRetired
	case s.Exists() && c.Profile != s.Profile && c.Profile != s.added:
		return nil, ErrExists
	case s.Exists():
		return nil, nil
	}
	if err := c.Profile.check(); err != nil {
		return nil, err
	}
	return []Event{ResourceAdded{Resource: c.Resource, Account: c.Account, Profile: c.Profile}}, nil
}

func (c Change) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil {
		return nil, err
	}
	if err := c.Profile.check(); err != nil || c.Profile == s.Profile {
		return nil, err
	}
	return []Event{ResourceChanged{Resource: c.Resource, Account: s.Account, Profile: c.Profile}}, nil
}

func (c Reinstate) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case !s.Retired:
		return nil, nil
	}
	return []Event{ResourceReinstated(c)}, nil
}

func (c Retire) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case s.Retired:
		return nil, nil
	}
	return []Event{ResourceRetired(c)}, nil
}

func (c SetWeeklyHours) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil {
		return nil, err
	}
	if err := checkHours(c.Hours); err != nil {
		return nil, err
	}
	same := slices.EqualFunc(c.Hours, s.Hours, func(a, b Hours) bool {
		return a.From == b.From && a.To == b.To && slices.Equal(a.Days, b.Days)
	})
	if same && c.Zone == s.Zone {
		return nil, nil
	}
	return []Event{WeeklyHoursSet{Resource: c.Resource, Zone: c.Zone, Hours: cloneHours(c.Hours)}}, nil
}

func (c AddTimeBlock) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil {
		return nil, err
	}
	block := c.TimeBlock.clone()
	block.Interval.Start = domain.Microseconds(block.Interval.Start)
	block.Interval.End = domain.Microseconds(block.Interval.End)
	if err := block.check(); err != nil {
		return nil, err
	}
	existing, found := s.block(c.Block)
	switch {
	case found && existing.TimeBlock.equal(block):
		return nil, nil
	case found || slices.Contains(s.removed, c.Block):
		return nil, ErrBlockExists
	case len(s.Blocks) >= maxBlocks:
		return nil, ErrBlocksFull
	case len(block.Services) > 0 && s.named()+len(block.Services) > maxNamed:
		return nil, ErrServicesFull
	}
	return []Event{TimeBlockAdded{Resource: c.Resource, Block: c.Block, TimeBlock: block}}, nil
}

func (c RemoveTimeBlock) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil {
		return nil, err
	}
	if _, found := s.block(c.Block); found {
		return []Event{TimeBlockRemoved(c)}, nil
	}
	if slices.Contains(s.removed, c.Block) {
		return nil, nil
	}
	return nil, ErrBlockUnknown
}

func (s State) mustStand() error {
	switch {
	case !s.Exists():
		return ErrUnknown
	case s.Retired:
		return ErrRetired
	}
	return nil
}
