// Package message is the aggregate of one text or email, from the queue to its last receipt. It decides when another
// attempt is allowed, so nobody is texted twice, and keeps later receipts of providers in any order. It refuses to
// send anything, to choose a provider and to know what a credit is.
package message

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Decider decides about streams "message-{id}". Its state holds private text, so it has no snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category: "message",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of a message.
func Stream(id domain.MessageID) domain.Stream { return domain.StreamOf("message", id.String()) }

// The channels of a message.
const (
	SMS   = "sms"
	Email = "email"
)

// Status is how far a message has come.
type Status string

// A message moves from Queued towards one of the last six. Attempted and Queued may alternate.
const (
	Queued      Status = "queued"    // waiting for its first or next attempt
	Attempted   Status = "attempted" // given to a provider, no result yet
	Sent        Status = "sent"      // accepted, no final receipt
	Delivered   Status = "delivered" // by receipt, like the next two
	Undelivered Status = "undelivered"
	Expired     Status = "expired"
	Failed      Status = "failed"     // never accepted and not tried again, or an email that came back
	Suppressed  Status = "suppressed" // not sent on purpose
)

// PricedBy returns the version of the price list. The first texts do not name it: there was only version 1.
func (l Letter) PricedBy() int { return max(l.PriceList, 1) }

// Price returns the cost of the letter in micro-credits. An email is free.
func (l Letter) Price() int64 { return int64(l.Segments) * l.UnitPrice }

// Subject returns the client, or the account if the letter goes to the owner.
func (l Letter) Subject() domain.Subject {
	if l.Client.IsZero() {
		return domain.StreamOf("account", l.Account.String())
	}
	return domain.StreamOf("client", l.Client.String())
}

// LeftUntold reports whether a message that was suppressed for a reason leaves somebody without what it said, who
// expects to be told. Others were told before, by another message, or want no texts.
func LeftUntold(reason string) bool {
	return reason == "too_late" || reason == "no_credit" || reason == "letter_refused" ||
		slices.Contains(LimitReasons, reason)
}
