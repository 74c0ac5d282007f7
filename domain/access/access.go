// Package access is the aggregate of API keys: whose a key is, what its holder may do, and whether it is valid. It
// refuses to store the key itself; it has only the hash and the prefix by which the key is found.
package access

import "github.com/clickbook/clickbook/domain"

// Roles of a key. An admin key belongs to the installation and has no account. All others belong to one account.
const (
	Owner   = domain.RoleOwner
	Staff   = domain.RoleStaff
	Billing = domain.RoleBilling
	Admin   = domain.RoleAdmin
)

// Decider decides about streams "access-{prefix}", one for each key.
var Decider = domain.Decider[State, Command, Event]{
	Category: "access",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a key by its prefix.
func Stream(prefix string) domain.Stream { return domain.StreamOf("access", prefix) }
