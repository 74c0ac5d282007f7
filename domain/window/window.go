// Package window is the aggregate of refund windows: periods and scopes in which text messages cost nothing, declared
// before, during or after they happen, or proposed for an outage and then approved. A window knows what it covers and
// how it was changed. It refuses to know what was charged; the books and the policies settle that.
package window

import "github.com/clickbook/clickbook/domain"

// Category is the category of the streams window-{id}.
const Category = "window"

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Decider decides about streams "window-{id}".
var Decider = domain.Decider[State, Command, Event]{
	Category: Category, Types: Types, Decide: Decide, Evolve: Evolve,
}
