// Package provider is the aggregate of an SMS provider: which adapter speaks to it, how it is configured, and whether
// it may be used now. Secrets are private text, sealed like names and numbers. It refuses to know what the settings of
// a kind are; the adapters do.
package provider

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "provider-{name}". Its state holds secrets, so it has no snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category: "provider",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a provider.
func Stream(name string) domain.Stream { return domain.StreamOf("provider", name) }
