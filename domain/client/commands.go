package client

import "github.com/clickbook/clickbook/domain"

// Refusals of commands about a client.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "client_unknown", "there is no such client; check its id")
	ErrExists  = domain.Refuse(domain.Disallowed, "client_exists",
		"this client is already registered with other contact data; change the contact instead")
	ErrErased = domain.Refuse(domain.Disallowed, "client_erased",
		"this client was erased and cannot come back; register a new client")
)

// Command is a request to change a client.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Register adds a client to an account.
type Register struct {
	Client  domain.ClientID
	Account domain.AccountID
	Contact Contact
}

// ChangeContact replaces all contact data.
type ChangeContact struct {
	Client  domain.ClientID
	Contact Contact
}

// OptOut stops texts to the client. Number is that of their phone number, if they have one.
type OptOut struct {
	Client domain.ClientID
	Number domain.NumberID
}

// OptIn allows texts to the client again.
type OptIn struct{ Client domain.ClientID }

// Erase forgets the person. The caller destroys the key of the client's stream once the event is stored.
type Erase struct{ Client domain.ClientID }

// Stream returns the stream of the client.
func (c Register) Stream() domain.Stream      { return Stream(c.Client) }
func (c ChangeContact) Stream() domain.Stream { return Stream(c.Client) }
func (c OptOut) Stream() domain.Stream        { return Stream(c.Client) }
func (c OptIn) Stream() domain.Stream         { return Stream(c.Client) }
func (c Erase) Stream() domain.Stream         { return Stream(c.Client) }

func (c Register) decide(s State) ([]Event, error) {
	switch {
	case s.Erased:
		return nil, ErrErased
	case s.Exists() && c.Contact != s.Contact && c.Contact != s.registered:
		return nil, ErrExists
	case s.Exists():
		return nil, nil
	}
	return []Event{ClientRegistered{Client: c.Client, Account: c.Account, Contact: c.Contact}}, nil
}

func (c ChangeContact) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil || c.Contact == s.Contact {
		return nil, err
	}
	return []Event{ContactChanged{Client: c.Client, Contact: c.Contact}}, nil
}

func (c OptOut) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil || s.OptedOut && s.OptedOutNumber == c.Number {
		return nil, err
	}
	return []Event{SmsOptedOut(c)}, nil
}

func (c OptIn) decide(s State) ([]Event, error) {
	if err := s.mustStand(); err != nil || !s.OptedOut {
		return nil, err
	}
	return []Event{SmsOptedIn(c)}, nil
}

func (c Erase) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case s.Erased:
		return nil, nil
	}
	return []Event{ClientErased{Client: c.Client, Account: s.Account}}, nil
}

func (s State) mustStand() error {
	switch {
	case !s.Exists():
		return ErrUnknown
	case s.Erased:
		return ErrErased
	}
	return nil
}
