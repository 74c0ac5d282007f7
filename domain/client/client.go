// Package client is the aggregate of a person who comes to appointments: their name, how to reach them, and whether
// they want texts. It refuses to keep anything about them readable once they are erased.
package client

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "client-{id}". Its state holds private text, so it has no snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category: "client",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a client. It is also the subject of all private text about them, in any stream.
func Stream(id domain.ClientID) domain.Stream { return domain.StreamOf("client", id.String()) }
