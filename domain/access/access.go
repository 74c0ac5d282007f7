// Package access knows the API keys: whose each is, what its holder may do, and whether it still holds. It refuses
// to know the key itself: only its hash is here, and the prefix it is looked up by.
package access

import "github.com/clickbook/clickbook/domain"

// Roles of a key. Admin is the installation's and has no account; the others belong to one account.
const (
	Owner   = "owner"
	Staff   = "staff"
	Billing = "billing"
	Admin   = "admin"
)

// Decider decides about streams "access-{prefix}", one a key.
var Decider = domain.Decider[State, Command, Event]{
	Category: "access",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream names the stream of a key by its prefix.
func Stream(prefix string) domain.Stream { return domain.StreamOf("access", prefix) }
