package service

import "github.com/clickbook/clickbook/domain"

// Why a wish about a service is refused.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "service_unknown", "there is no such service; check its id")
	ErrExists  = domain.Refuse(domain.Disallowed, "service_exists",
		"this service is already defined otherwise; change it instead")
	ErrRetired = domain.Refuse(domain.Disallowed, "service_retired", "this service is retired; define another one")
	ErrPolicy  = domain.Refuse(domain.Invalid, "service_policy_invalid", "these rules of booking cannot be kept")
)

// Command is what can be wished of a service.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide answers a wish with events, with none where it is already true, or with a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Define begins a service.
type Define struct {
	Service domain.ServiceID
	Account domain.AccountID
	Policy  Policy
}

// Change replaces the policy for appointments booked from now on.
type Change struct {
	Service domain.ServiceID
	Policy  Policy
}

// Retire ends new bookings.
type Retire struct{ Service domain.ServiceID }

// Stream of each command is the service's own.
func (c Define) Stream() domain.Stream { return Stream(c.Service) }
func (c Change) Stream() domain.Stream { return Stream(c.Service) }
func (c Retire) Stream() domain.Stream { return Stream(c.Service) }

func (c Define) decide(s State) ([]Event, error) {
	if err := c.Policy.check(); err != nil {
		return nil, err
	}
	switch {
	case s.Retired:
		return nil, ErrRetired
	case s.Version > 0 && !c.Policy.equal(s.Policy) && !c.Policy.equal(s.defined):
		return nil, ErrExists
	case s.Version > 0:
		return nil, nil
	}
	return []Event{ServiceDefined{Service: c.Service, Account: c.Account, Policy: c.Policy.clone()}}, nil
}

func (c Change) decide(s State) ([]Event, error) {
	if err := c.Policy.check(); err != nil {
		return nil, err
	}
	switch {
	case s.Version == 0:
		return nil, ErrUnknown
	case s.Retired:
		return nil, ErrRetired
	case c.Policy.equal(s.Policy):
		return nil, nil
	}
	return []Event{ServiceChanged{Service: c.Service, Version: s.Version + 1, Policy: c.Policy.clone()}}, nil
}

func (c Retire) decide(s State) ([]Event, error) {
	switch {
	case s.Version == 0:
		return nil, ErrUnknown
	case s.Retired:
		return nil, nil
	}
	return []Event{ServiceRetired(c)}, nil
}
