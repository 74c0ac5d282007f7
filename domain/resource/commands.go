package resource

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Why a wish about a resource is refused.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "resource_unknown", "there is no such resource; check its id")
	ErrExists  = domain.Refuse(domain.Disallowed, "resource_exists",
		"this resource is already there with another profile; change it instead")
	ErrRetired      = domain.Refuse(domain.Disallowed, "resource_retired", "this resource is retired; add another one")
	ErrProfile      = domain.Refuse(domain.Invalid, "resource_profile_invalid", "this is no profile of a resource")
	ErrHours        = domain.Refuse(domain.Invalid, "hours_invalid", "these hours cannot be kept")
	ErrBlock        = domain.Refuse(domain.Invalid, "time_block_invalid", "this TimeBlock cannot be kept")
	ErrBlockUnknown = domain.Refuse(domain.Unknown, "time_block_unknown", "there is no such TimeBlock; check its id")
	ErrBlockExists  = domain.Refuse(domain.Disallowed, "time_block_exists",
		"this TimeBlock's id was used before; add it under a new id")
	ErrBlocksFull = domain.Refuse(domain.Disallowed, "time_blocks_full",
		"this resource has 5000 TimeBlocks; remove some that are past")
)

// Command is what can be wished of a resource.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide answers a wish with events, with none where it is already true, or with a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Add makes a resource bookable, once it has hours.
type Add struct {
	Resource domain.ResourceID
	Account  domain.AccountID
	Profile  Profile
}

// Change replaces the profile as a whole.
type Change struct {
	Resource domain.ResourceID
	Profile  Profile
}

// Retire ends new bookings.
type Retire struct{ Resource domain.ResourceID }

// SetWeeklyHours replaces the standing hours as a whole; none means closed all week. NewWeeklyHours makes it from
// texts and checks the zone.
type SetWeeklyHours struct {
	Resource domain.ResourceID
	Zone     string
	Hours    []Hours
}

// AddTimeBlock makes the resource available or not for a dated range.
type AddTimeBlock struct {
	Resource domain.ResourceID
	Block    domain.BlockID
	TimeBlock
}

// RemoveTimeBlock takes a block back.
type RemoveTimeBlock struct {
	Resource domain.ResourceID
	Block    domain.BlockID
}

// Stream of each command is the resource's own.
func (c Add) Stream() domain.Stream             { return Stream(c.Resource) }
func (c Change) Stream() domain.Stream          { return Stream(c.Resource) }
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
	standing, found := s.block(c.Block)
	switch {
	case found && standing.TimeBlock.equal(block):
		return nil, nil
	case found || slices.Contains(s.removed, c.Block):
		return nil, ErrBlockExists
	case len(s.Blocks) >= maxBlocks:
		return nil, ErrBlocksFull
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
