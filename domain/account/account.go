// Package account is the aggregate of one business, school or organisation: its settings, its reminder rules and its
// message templates. It refuses to know clients, appointments and credits, which have their own streams.
package account

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "account-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "account",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of an account. It is also the subject of the account's own private text.
func Stream(id domain.AccountID) domain.Stream { return domain.StreamOf("account", id.String()) }
