// Package outage is the aggregate of what is known about the outages of one provider: which cells are suspected, which
// are confirmed, and which an operator has forced up or down. A cell is a part of what the provider carries: all of it,
// a region, a country or a network. The package refuses to judge messages; package outagedetect does.
package outage

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Category is the category of the streams outage-{provider}.
const Category = "outage"

// Decider decides about streams "outage-{provider}".
var Decider = domain.Decider[State, Command, Event]{
	Category: Category, Types: Types, Decide: Decide, Evolve: Evolve,
}

// Stream returns the stream of a provider's outages.
func Stream(provider string) domain.Stream { return domain.StreamOf(Category, provider) }

// IDOf returns the id of the outage of a cell that began at a change point. The same facts give the same id on every
// node.
func IDOf(cell Cell, change time.Time) domain.OutageID {
	return domain.DeriveID[domain.OutageID]("outage", cell.Provider, cell.place(), domain.Microseconds(change).UnixMicro())
}
