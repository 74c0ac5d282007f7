package access

import "github.com/clickbook/clickbook/domain"

// State is a key.
type State struct {
	Account domain.AccountID
	Hash    string // "" until issued
	Role    string
	Label   string
	Revoked bool
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e KeyIssued) evolve(State) State {
	return State{Account: e.Account, Hash: e.Hash, Role: e.Role, Label: e.Label}
}

func (KeyRevoked) evolve(s State) State {
	s.Revoked = true
	return s
}
