package pageaddress

import "github.com/clickbook/clickbook/domain"

// State is whose a name is.
type State struct {
	Account domain.AccountID // zero: nobody's
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e PageAddressClaimed) evolve(State) State { return State{e.Account} }
