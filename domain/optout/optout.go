// Package optout is the aggregate of a phone number whose owner wants no texts from an account. The number itself is
// not in it: the stream is named by a keyed hash of account and number. So an opt-out holds for every client with the
// number, now and later, and outlives the erasure of any of them. It refuses to know who the client is.
package optout

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "optout-{hash}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "optout",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a number.
func Stream(number domain.NumberID) domain.Stream { return domain.StreamOf("optout", number.String()) }
