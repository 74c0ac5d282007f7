package client

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a client.
//
//sumtype:decl
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

// ClientRegistered adds a client to an account.
type ClientRegistered struct {
	Client  domain.ClientID  `json:"client"`
	Account domain.AccountID `json:"account"`
	Contact
}

// ContactChanged replaces all contact data.
type ContactChanged struct {
	Client domain.ClientID `json:"client"`
	Contact
}

// Contact is a client's name and how to reach them.
type Contact struct {
	Name    domain.Private `json:"name"`
	Phone   domain.Private `json:"phone,omitzero"`   // E.164
	Country string         `json:"country,omitzero"` // ISO 3166-1 alpha-2 of the phone number
	Email   domain.Private `json:"email,omitzero"`
	Address domain.Private `json:"address,omitzero"`
	Zone    string         `json:"zone,omitzero"` // IANA; absent means the account's
}

// SmsOptedOut stops all texts to a client. With a number it follows that number, which has a stream of its own
// (NumberOptedOut): it ends for the client when the number is opted in, or is theirs no more.
type SmsOptedOut struct {
	Client domain.ClientID `json:"client"`
	// Number is a keyed hash of the account and their number. It is absent if they had none, or opted out before numbers
	// had streams.
	Number domain.NumberID `json:"number,omitzero"`
}

// SmsOptedIn allows texts to a client again.
type SmsOptedIn struct {
	Client domain.ClientID `json:"client"`
}

// ClientErased records that the client is erased: their key is destroyed, and with it all private text about them in
// the log.
type ClientErased struct {
	Client  domain.ClientID  `json:"client"`
	Account domain.AccountID `json:"account"`
}

// EventType returns the stored name.
func (ClientRegistered) EventType() string { return "ClientRegistered" }
func (ContactChanged) EventType() string   { return "ContactChanged" }
func (SmsOptedOut) EventType() string      { return "SmsOptedOut" }
func (SmsOptedIn) EventType() string       { return "SmsOptedIn" }
func (ClientErased) EventType() string     { return "ClientErased" }

// Subject returns the client, who owns the private texts.
func (e ClientRegistered) Subject() domain.Subject { return Stream(e.Client) }
func (e ContactChanged) Subject() domain.Subject   { return Stream(e.Client) }
