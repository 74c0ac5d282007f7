// Package pageaddress is the aggregate of one name in the addresses of booking pages, such as "clinic" in /book/clinic.
// The first account that claims a name keeps it for good, also when its page takes another one: so an old link never
// leads to somebody else. It refuses to know what the page shows.
package pageaddress

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "pageaddress-{name}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "pageaddress",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a name.
func Stream(name string) domain.Stream { return domain.StreamOf("pageaddress", name) }
