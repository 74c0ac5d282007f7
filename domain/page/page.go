// Package page is the aggregate of an account's booking page: whether strangers may book, which services, what they
// are asked, and how the page looks. It refuses to know services and addresses, which have their own streams.
package page

import "github.com/clickbook/clickbook/domain"

// Decider decides about streams "page-{account}".
var Decider = domain.Decider[State, Command, Event]{
	Category: "page",
	Types:    Types,
	Decide:   Decide,
	Evolve:   Evolve,
}

// Stream returns the stream of the page of an account.
func Stream(account domain.AccountID) domain.Stream { return domain.StreamOf("page", account.String()) }

// subject returns whose private text a page has. The key of the account seals it.
func subject(account domain.AccountID) domain.Subject {
	return domain.StreamOf("account", account.String())
}
