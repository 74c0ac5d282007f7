package client

import "github.com/clickbook/clickbook/domain"

// Event is what can have happened to a client.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a client stream may hold.
var Types = domain.Types{
	domain.TypeOf[ClientRegistered](),
	domain.TypeOf[ContactChanged](),
	domain.TypeOf[SmsOptedOut](),
	domain.TypeOf[SmsOptedIn](),
	domain.TypeOf[ClientErased](),
}

// ClientRegistered makes a client known to an account.
type ClientRegistered struct {
	Client  domain.ClientID  `json:"client"`
	Account domain.AccountID `json:"account"`
	Contact
}

// ContactChanged replaces the contact data as a whole.
type ContactChanged struct {
	Client domain.ClientID `json:"client"`
	Contact
}

// Contact is how a client is called and reached.
type Contact struct {
	Name    domain.Private `json:"name"`
	Phone   domain.Private `json:"phone,omitzero"`   // E.164
	Country string         `json:"country,omitzero"` // ISO 3166-1 alpha-2 of the phone number
	Email   domain.Private `json:"email,omitzero"`
	Address domain.Private `json:"address,omitzero"`
	Zone    string         `json:"zone,omitzero"` // IANA; absent means the account's
}

// SmsOptedOut stops texts to a client, whoever sends them.
type SmsOptedOut struct {
	Client domain.ClientID `json:"client"`
}

// SmsOptedIn lets texts through again.
type SmsOptedIn struct {
	Client domain.ClientID `json:"client"`
}

// ClientErased says that the client's key is destroyed: the log keeps its shape, the person is gone from it.
type ClientErased struct {
	Client  domain.ClientID  `json:"client"`
	Account domain.AccountID `json:"account"`
}

// EventType names are the stored names.
func (ClientRegistered) EventType() string { return "ClientRegistered" }
func (ContactChanged) EventType() string   { return "ContactChanged" }
func (SmsOptedOut) EventType() string      { return "SmsOptedOut" }
func (SmsOptedIn) EventType() string       { return "SmsOptedIn" }
func (ClientErased) EventType() string     { return "ClientErased" }

// Subject of the private texts is the client.
func (e ClientRegistered) Subject() domain.Subject { return Stream(e.Client) }
func (e ContactChanged) Subject() domain.Subject   { return Stream(e.Client) }
