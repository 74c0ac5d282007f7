// Package credit is the aggregate of the books of an account: which text-message credits were bought and granted,
// held for messages in progress, charged and refunded. Each charged message has a target, the amount to be refunded
// in total. After every event that can change the target, the difference to what was refunded so far is posted.
// Windows, receipts, manual refunds, crashes and retries all follow this one rule.
//
// Amounts are integer micro-credits in int64. The package refuses to know a clock, windows or providers: commands say
// when, and whether a window covers. Postings never change; a mistake is corrected by another posting.
package credit

import "github.com/clickbook/clickbook/domain"

// Category is the category of the streams credits-{account}.
const Category = "credits"

// StreamOf returns the stream of the books of an account.
func StreamOf(account domain.AccountID) domain.Stream {
	return domain.StreamOf(Category, account.String())
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Decider decides about streams "credits-{account}".
var Decider = domain.Decider[State, Command, Event]{
	Category: Category, Types: Types, Decide: Decide, Evolve: Evolve, SnapshotVersion: 2,
}
