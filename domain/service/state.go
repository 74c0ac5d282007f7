package service

import (
	"reflect"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// State is the current policy and its version.
type State struct {
	Policy
	Account domain.AccountID
	Version int // 0: never defined
	Retired bool
	defined Policy // the policy of Define, to recognise a repeated command
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e ServiceDefined) evolve(s State) State {
	s.Account, s.Version, s.Policy, s.defined = e.Account, 1, e.Policy.clone(), e.Policy.clone()
	return s
}

func (e ServiceChanged) evolve(s State) State {
	s.Version, s.Policy = e.Version, e.Policy.clone()
	return s
}

func (ServiceRetired) evolve(s State) State {
	s.Retired = true
	return s
}

func (ServiceReinstated) evolve(s State) State {
	s.Retired = false
	return s
}

func (p Policy) clone() Policy {
	p.Requirements = slices.Clone(p.Requirements)
	for i, r := range p.Requirements {
		p.Requirements[i].AnyOf = slices.Clone(r.AnyOf)
	}
	return p
}

// equal reports whether two policies are the same. No requirements equal an empty list.
func (p Policy) equal(q Policy) bool {
	sameNeeds := slices.EqualFunc(p.Requirements, q.Requirements, func(a, b Requirement) bool {
		return slices.Equal(a.AnyOf, b.AnyOf)
	})
	p.Requirements, q.Requirements = nil, nil
	return sameNeeds && reflect.DeepEqual(p, q)
}
