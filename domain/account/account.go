// Package account knows one business, school or organisation: who it is, where its clock stands, when it reminds
// its clients and with which words. It refuses to know clients, appointments and credits, which have their own streams.
package account

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "account-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "account",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream names the stream of an account. It is also the subject of the account's own private text.
func Stream(id domain.AccountID) domain.Stream { return domain.StreamOf("account", id.String()) }
