package client

import "github.com/clickbook/clickbook/domain"

// State is what decisions and senders need to know of a client.
type State struct {
	Contact
	Account    domain.AccountID
	OptedOut   bool
	Erased     bool
	registered Contact // as first asked for, to recognise the same wish again
}

// Exists reports whether the client was ever registered.
func (s State) Exists() bool { return !s.Account.IsZero() }

// Evolve is the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e ClientRegistered) evolve(s State) State {
	s.Account, s.Contact, s.registered = e.Account, e.Contact, e.Contact
	return s
}

func (e ContactChanged) evolve(s State) State {
	s.Contact = e.Contact
	return s
}

func (SmsOptedOut) evolve(s State) State {
	s.OptedOut = true
	return s
}

func (SmsOptedIn) evolve(s State) State {
	s.OptedOut = false
	return s
}

// A state may be remembered longer than the key lives, so it forgets too.
func (ClientErased) evolve(s State) State {
	return State{Account: s.Account, OptedOut: s.OptedOut, Erased: true}
}
