// Package resource is the aggregate of a member of staff, a room or a piece of equipment: how many units it has and
// when it is open. It refuses to know what is booked; the diary does.
package resource

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "resource-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "resource",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a resource.
func Stream(id domain.ResourceID) domain.Stream { return domain.StreamOf("resource", id.String()) }
