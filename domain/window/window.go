// Package window keeps refund windows: stretches and scopes in which text messages cost nothing, declared before,
// during or after they happen. A window knows what it covers and how it was changed; it refuses to know what was
// charged, which is for the books and the policies to put right.
package window

import "github.com/clickbook/clickbook/domain"

// Category begins the names of the streams: window-{id}.
const Category = "window"

// Decide answers a wish with what happens.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Decider is a refund window.
var Decider = domain.Decider[State, Command, Event]{
	Category: Category, Types: Types, Decide: Decide, Evolve: Evolve,
}
