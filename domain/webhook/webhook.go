// Package webhook is the aggregate of the webhooks of an account: which addresses are called when something happens,
// about which topics, and the secret that signs the calls. It refuses to send anything and to know which events are of
// which topic.
package webhook

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "webhooks-{account}". Its state holds secrets, so it has no snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category: "webhooks",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of the webhooks of an account.
func Stream(account domain.AccountID) domain.Stream {
	return domain.StreamOf("webhooks", account.String())
}

// Topics are what a webhook can be about, in the order in which they are shown.
var Topics = []string{"appointments", "messages", "clients"}
