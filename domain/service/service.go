// Package service is the aggregate of what clients book: how long it takes, what it needs and its booking rules.
// Every change is a numbered policy version, and an appointment keeps the version it was booked under. It refuses to
// know who is free.
package service

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "service-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "service",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a service.
func Stream(id domain.ServiceID) domain.Stream { return domain.StreamOf("service", id.String()) }
