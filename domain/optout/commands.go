package optout

import "github.com/clickbook/clickbook/domain"

// Command is a request to change whether texts go to a number.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// OptOut stops texts to the number.
type OptOut struct {
	Number  domain.NumberID
	Account domain.AccountID
}

// OptIn allows texts to the number again.
type OptIn struct {
	Number  domain.NumberID
	Account domain.AccountID
}

// Stream returns the stream of the number.
func (c OptOut) Stream() domain.Stream { return Stream(c.Number) }
func (c OptIn) Stream() domain.Stream  { return Stream(c.Number) }

func (c OptOut) decide(s State) ([]Event, error) {
	if s.OptedOut {
		return nil, nil
	}
	return []Event{NumberOptedOut(c)}, nil
}

func (c OptIn) decide(s State) ([]Event, error) {
	if !s.OptedOut {
		return nil, nil
	}
	return []Event{NumberOptedIn(c)}, nil
}
