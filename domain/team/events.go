package team

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a team.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a team's stream may hold.
var Types = domain.Types{
	domain.TypeOf[MemberInvited](),
	domain.TypeOf[MemberJoined](),
	domain.TypeOf[MemberRoleChanged](),
	domain.TypeOf[MemberRemoved](),
	domain.TypeOf[MemberErased](),
	domain.TypeOf[PasskeyAdded](),
	domain.TypeOf[PasskeyRemoved](),
}

// MemberInvited adds somebody to a team. They can sign in once they have joined.
type MemberInvited struct {
	Account  domain.AccountID  `json:"account,omitzero"` // absent for an admin of the installation
	Member   domain.MemberID   `json:"member"`
	Email    domain.Private    `json:"email"`
	Role     string            `json:"role"`              // owner, staff, billing, admin
	Resource domain.ResourceID `json:"resource,omitzero"` // whose appointments are theirs, such as their own diary
}

// MemberJoined records that the person has followed the invitation and said what they are called.
type MemberJoined struct {
	Account domain.AccountID `json:"account,omitzero"`
	Member  domain.MemberID  `json:"member"`
	Name    domain.Private   `json:"name"`
}

// MemberRoleChanged replaces what a member may do, and whose appointments are theirs.
type MemberRoleChanged struct {
	Account  domain.AccountID  `json:"account,omitzero"`
	Member   domain.MemberID   `json:"member"`
	Role     string            `json:"role"`
	Resource domain.ResourceID `json:"resource,omitzero"`
}

// MemberRemoved ends the membership. The name stays readable in what the member did, until they are erased.
type MemberRemoved struct {
	Account domain.AccountID `json:"account,omitzero"`
	Member  domain.MemberID  `json:"member"`
}

// MemberErased records that a removed member is erased: their key is destroyed, and with it their name and address.
type MemberErased struct {
	Account domain.AccountID `json:"account,omitzero"`
	Member  domain.MemberID  `json:"member"`
}

// PasskeyAdded adds a passkey of a member. It holds the public key only; the secret never leaves their device.
type PasskeyAdded struct {
	Account domain.AccountID `json:"account,omitzero"`
	Member  domain.MemberID  `json:"member"`
	Passkey
}

// Passkey is what is known of a passkey (a credential of WebAuthn).
type Passkey struct {
	ID         string         `json:"passkey"`              // of the credential, in unpadded base64url
	PublicKey  string         `json:"public_key"`           // COSE, in unpadded base64url
	Label      domain.Private `json:"label"`                // such as "Ana's phone"
	Synced     bool           `json:"synced,omitzero"`      // it may be copied to other devices of the member
	Transports []string       `json:"transports,omitempty"` // how a browser reaches it: internal, hybrid, usb, …
}

// PasskeyRemoved ends a passkey.
type PasskeyRemoved struct {
	Account domain.AccountID `json:"account,omitzero"`
	Member  domain.MemberID  `json:"member"`
	ID      string           `json:"passkey"`
}

// EventType returns the stored name.
func (MemberInvited) EventType() string     { return "MemberInvited" }
func (MemberJoined) EventType() string      { return "MemberJoined" }
func (MemberRoleChanged) EventType() string { return "MemberRoleChanged" }
func (MemberRemoved) EventType() string     { return "MemberRemoved" }
func (MemberErased) EventType() string      { return "MemberErased" }
func (PasskeyAdded) EventType() string      { return "PasskeyAdded" }
func (PasskeyRemoved) EventType() string    { return "PasskeyRemoved" }

// Subject returns the member, who owns the private texts.
func (e MemberInvited) Subject() domain.Subject { return Subject(e.Member) }
func (e MemberJoined) Subject() domain.Subject  { return Subject(e.Member) }
func (e PasskeyAdded) Subject() domain.Subject  { return Subject(e.Member) }
