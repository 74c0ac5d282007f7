package access

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a key.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a key's stream may hold.
var Types = domain.Types{
	domain.TypeOf[KeyIssued](),
	domain.TypeOf[KeyRevoked](),
}

// KeyIssued makes an API key valid. The key itself is shown once and stored nowhere.
type KeyIssued struct {
	Account domain.AccountID `json:"account,omitzero"` // absent for an admin key of the installation
	Prefix  string           `json:"prefix"`           // first characters of the key, for lookup
	Hash    string           `json:"hash"`             // SHA-256 of the key, hexadecimal
	Role    string           `json:"role"`             // owner, staff, admin, billing
	Label   string           `json:"label,omitzero"`
}

// KeyRevoked makes a key invalid.
type KeyRevoked struct {
	Account domain.AccountID `json:"account,omitzero"`
	Prefix  string           `json:"prefix"`
}

// EventType returns the stored name.
func (KeyIssued) EventType() string  { return "KeyIssued" }
func (KeyRevoked) EventType() string { return "KeyRevoked" }
