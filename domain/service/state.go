package service

import (
	"reflect"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// State is the policy in force and its version.
type State struct {
	Policy
	Account domain.AccountID
	Version int // 0: never defined
	Retired bool
	defined Policy // as first asked for, to recognise the same wish again
}

// Evolve is the state after an event.
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

func (p Policy) clone() Policy {
	p.Requirements = slices.Clone(p.Requirements)
	for i, r := range p.Requirements {
		p.Requirements[i].AnyOf = slices.Clone(r.AnyOf)
	}
	return p
}

// equal reports whether two policies say the same; no requirements and an empty list are the same.
func (p Policy) equal(q Policy) bool {
	sameNeeds := slices.EqualFunc(p.Requirements, q.Requirements, func(a, b Requirement) bool {
		return slices.Equal(a.AnyOf, b.AnyOf)
	})
	p.Requirements, q.Requirements = nil, nil
	return sameNeeds && reflect.DeepEqual(p, q)
}
