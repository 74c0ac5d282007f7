// Package message knows one text or email, from the queue to its last receipt. It says when another attempt is
// allowed, so that nobody is texted twice by us, and keeps what providers said later, in whatever order. It refuses
// to send anything, to choose a provider and to know what a credit is.
package message

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "message-{id}". Its state holds private text, so it is never kept as a snapshot.
var Decider = domain.Decider[State, Command, Event]{
	Category: "message",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream names the stream of a message.
func Stream(id domain.MessageID) domain.Stream { return domain.StreamOf("message", id.String()) }

// Channels a message can take.
const (
	SMS   = "sms"
	Email = "email"
)

// Status is where a message stands.
type Status string

// A message moves from Queued towards one of the others; Attempted and Queued may alternate.
const (
	Queued      Status = "queued"      // waiting for its first or next attempt
	Attempted   Status = "attempted"   // handed over, no word yet
	Sent        Status = "sent"        // accepted, no final receipt
	Delivered   Status = "delivered"   // and the three that follow: by receipt
	Undelivered Status = "undelivered" //
	Expired     Status = "expired"     //
	Failed      Status = "failed"      // never accepted, never tried again
	Suppressed  Status = "suppressed"  // was due and is not sent
)

// Price is what the letter costs in micro-credits. An email costs nothing.
func (l Letter) Price() int64 { return int64(l.Segments) * l.UnitPrice }

// Subject of the private texts is the client, or the account where the letter goes to the owner.
func (l Letter) Subject() domain.Subject {
	if l.Client.IsZero() {
		return domain.StreamOf("account", l.Account.String())
	}
	return domain.StreamOf("client", l.Client.String())
}
