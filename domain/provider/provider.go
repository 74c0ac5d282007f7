// Package provider is the aggregate of an SMS provider: which adapter speaks to it, and whether it may be used now.
// It refuses to hold credentials, which are configuration.
package provider

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "provider-{name}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "provider",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a provider.
func Stream(name string) domain.Stream { return domain.StreamOf("provider", name) }
