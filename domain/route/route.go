// Package route knows in which order the providers are tried for a destination country, and who is first for now.
// It refuses to know whether a provider works, which is the outage detector's and the operator's to say.
package route

import "github.com/clickbook/clickbook/domain"

// Elsewhere is the route for every country without one of its own (a code ISO 3166-1 leaves to users).
const Elsewhere = "ZZ"

// Decider decides about streams "route-{country}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "route",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream names the stream of the route to a country.
func Stream(country string) domain.Stream { return domain.StreamOf("route", country) }
