package client

import "github.com/clickbook/clickbook/domain"

// State is what decisions and senders need to know about a client.
type State struct {
	Contact
	Account  domain.AccountID
	OptedOut bool
	// OptedOutNumber is the number that they opted out with, zero for none. The stream of the number says whether that
	// still holds.
	OptedOutNumber domain.NumberID
	Erased         bool
	registered     Contact // the contact data of Register, to recognise a repeated command
}

// Exists reports whether the client was ever registered.
func (s State) Exists() bool { return !s.Account.IsZero() }

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e ClientRegistered) evolve(s State) State {
	s.Account, s.Contact, s.registered = e.Account, e.Contact, e.Contact
	return s
}

func (e ContactChanged) evolve(s State) State {
	s.Contact = e.Contact
	return s
}

func (e SmsOptedOut) evolve(s State) State {
	s.OptedOut, s.OptedOutNumber = true, e.Number
	return s
}

func (SmsOptedIn) evolve(s State) State {
	s.OptedOut, s.OptedOutNumber = false, domain.NumberID{}
	return s
}

// evolve clears the state too, because a cached state may outlive the key.
func (ClientErased) evolve(s State) State {
	return State{Account: s.Account, OptedOut: s.OptedOut, OptedOutNumber: s.OptedOutNumber, Erased: true}
}
