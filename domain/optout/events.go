package optout

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a number.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event the stream of a number may hold.
var Types = domain.Types{domain.TypeOf[NumberOptedOut](), domain.TypeOf[NumberOptedIn]()}

// NumberOptedOut stops all texts of an account to a number.
type NumberOptedOut struct {
	Number  domain.NumberID  `json:"number"` // keyed hash of account and number
	Account domain.AccountID `json:"account"`
}

// NumberOptedIn allows texts to the number again.
type NumberOptedIn struct {
	Number  domain.NumberID  `json:"number"`
	Account domain.AccountID `json:"account"`
}

// EventType returns the stored name.
func (NumberOptedOut) EventType() string { return "NumberOptedOut" }
func (NumberOptedIn) EventType() string  { return "NumberOptedIn" }
