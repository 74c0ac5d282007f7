// Package feed is the aggregate of a calendar feed: a secret address at which calendar programs read the appointments
// of an account or of one resource. The address is signed and has a generation, so nothing secret is stored.
package feed

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "feed-{id}", one for each account and resource.
var Decider = domain.Decider[State, Command, Event]{
	Category: "feed",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Of is whose appointments a feed shows: those of a resource, or of the whole account if the resource is zero.
type Of struct {
	Account  domain.AccountID  `json:"account"`
	Resource domain.ResourceID `json:"resource,omitzero"`
}

// Stream returns the stream of the feed.
func (o Of) Stream() domain.Stream {
	if o.Resource.IsZero() {
		return domain.StreamOf("feed", o.Account.String())
	}
	return domain.StreamOf("feed", o.Resource.String())
}
