// Package client knows a person who comes to appointments: how they are called and reached, and whether they want
// texts. It refuses to keep anything of them readable once they are erased.
package client

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "client-{id}". Its state holds private text, so it is never kept as a snapshot.
var Decider = domain.Decider[State, Command, Event]{
	Category: "client",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream names the stream of a client. It is also the subject of everything private about them, in any stream.
func Stream(id domain.ClientID) domain.Stream { return domain.StreamOf("client", id.String()) }
