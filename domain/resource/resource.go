// Package resource knows a member of staff, a room or a piece of equipment: how much of it there is and when it is
// open. It refuses to know what is booked, which is the diary's.
package resource

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "resource-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "resource",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream names the stream of a resource.
func Stream(id domain.ResourceID) domain.Stream { return domain.StreamOf("resource", id.String()) }
