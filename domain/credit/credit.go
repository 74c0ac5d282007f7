// Package credit keeps an account's books of text-message credits: what was bought and given, what is held for
// messages under way, what was charged, and what was given back. For each charged message there is a target, what is
// to be given back in all; after everything that can change it the difference to what has been given back is
// posted. Windows, receipts, promises by people, crashes and repeats are all that one rule.
//
// Amounts are integer micro-credits in int64. The package knows no clock, no windows and no providers: commands say
// when, and whether a window covers. It never changes what is posted; a mistake is answered by another posting.
package credit

import "github.com/clickbook/clickbook/domain"

// Category begins the names of the streams: credits-{account}.
const Category = "credits"

// StreamOf is the stream of an account's books.
func StreamOf(account domain.AccountID) domain.Stream {
	return domain.StreamOf(Category, account.String())
}

// Decide answers a wish with what happens.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Decider is the books of an account.
var Decider = domain.Decider[State, Command, Event]{
	Category: Category, Types: Types, Decide: Decide, Evolve: Evolve, SnapshotVersion: 1,
}
