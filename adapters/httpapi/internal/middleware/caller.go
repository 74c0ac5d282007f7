package middleware

import (
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

// Caller is who sends a request: the holder of an API key, or a member who is signed in.
type Caller struct {
	Key string // the prefix of the key; "" for a member

	Member   domain.MemberID // zero for a key
	Session  string          // the id of the member's session
	Resource domain.ResourceID

	Account domain.AccountID // zero for the installation
	Role    string
	Label   string // of the key; "" for a member
	Person  string // the name of the member; "" for a key
	Email   string
}

// IsZero reports whether nobody is known to have sent the request.
func (c Caller) IsZero() bool { return c.Key == "" && c.Member.IsZero() }

// Name identifies the caller in logs, in approvals, and wherever two callers must be told apart: the prefix of a key,
// or "member:" and an id. It holds no personal data.
func (c Caller) Name() string {
	if c.Member.IsZero() {
		return c.Key
	}
	return people.Actor(c.Member).ID
}

// Actor returns the actor of the events that the caller causes.
func (c Caller) Actor() domain.Actor {
	if c.Member.IsZero() {
		return domain.Actor{ID: "key:" + c.Key, Channel: "api"}
	}
	return people.Actor(c.Member)
}
