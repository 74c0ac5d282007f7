// Package route is the aggregate of the providers for one destination country: their order, and which one is tried
// first for now. It refuses to judge whether a provider works; the outage detector and the operator do.
package route

import "github.com/clickbook/clickbook/domain"

// Elsewhere is the route for every country without its own. ZZ is a code that ISO 3166-1 reserves for users.
const Elsewhere = "ZZ"

// Decider decides about streams "route-{country}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "route",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of the route to a country.
func Stream(country string) domain.Stream { return domain.StreamOf("route", country) }
