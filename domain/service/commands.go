package service

import "github.com/clickbook/clickbook/domain"

// Refusals of commands about a service.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "service_unknown", "there is no such service; check its id")
	ErrExists  = domain.Refuse(domain.Disallowed, "service_exists",
		"this service is already defined with another policy; change it instead")
	ErrRetired = domain.Refuse(domain.Disallowed, "service_retired",
		"this service is retired; reinstate it, or define another one")
	ErrPolicy = domain.Refuse(domain.Invalid, "service_policy_invalid", "these booking rules are invalid")
)

// Command is a request to change a service.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Define adds a service.
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

// Reinstate takes the retirement back.
type Reinstate struct{ Service domain.ServiceID }

// Stream returns the stream of the service.
func (c Define) Stream() domain.Stream    { return Stream(c.Service) }
func (c Change) Stream() domain.Stream    { return Stream(c.Service) }
func (c Reinstate) Stream() domain.Stream { return Stream(c.Service) }
func (c Retire) Stream() domain.Stream    { return Stream(c.Service) }

func (c Define) decide(s State) ([]Event, error) {
	var err error
	if c.Policy, err = c.Policy.normal(); err != nil {
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
	var err error
	if c.Policy, err = c.Policy.normal(); err != nil {
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

func (c Reinstate) decide(s State) ([]Event, error) {
	switch {
	case s.Version == 0:
		return nil, ErrUnknown
	case !s.Retired:
		return nil, nil
	}
	return []Event{ServiceReinstated(c)}, nil
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
