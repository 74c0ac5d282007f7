// Package refunding decides what is given back after a charge: when a receipt proves that nobody got the text, and when
// a refund window is declared, amended or revoked. The same functions serve the running engine, the preview of a window
// and the replay of books. It refuses to remember anything: what it must know is told by the log up to that point.
package refunding

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// Facts are what the log says so far of a message's attempts. It is a value.
type Facts struct{ attempts []attempt }

type attempt struct {
	number   int
	accepted bool
	final    string // first final receipt: delivered, undelivered, expired
}

// Accepted adds that a provider took an attempt.
func (f Facts) Accepted(number int) Facts {
	return f.change(number, func(a *attempt) { a.accepted = true })
}

// Reported adds a receipt. The first final one of an attempt wins; unknown is not final.
func (f Facts) Reported(number int, state string) Facts {
	if state != "delivered" && state != "undelivered" && state != "expired" {
		return f
	}
	return f.change(number, func(a *attempt) {
		if a.final == "" {
			a.final = state
		}
	})
}

func (f Facts) change(number int, write func(*attempt)) Facts {
	attempts := slices.Clone(f.attempts)
	i := slices.IndexFunc(attempts, func(a attempt) bool { return a.number == number })
	if i < 0 {
		i, attempts = len(attempts), append(attempts, attempt{number: number})
	}
	write(&attempts[i])
	return Facts{attempts}
}

// With adds what an event of the message's stream says; other events say nothing.
func (f Facts) With(event domain.Event) Facts {
	switch e := event.(type) {
	case message.SmsSent:
		return f.Accepted(e.Attempt)
	case message.DeliveryReported:
		return f.Reported(e.Attempt, e.State)
	}
	return f
}

// NonDelivery reports whether every accepted attempt has ended in a receipt that refunds.
func (f Facts) NonDelivery(terms credit.Terms) bool {
	any := false
	for _, a := range f.attempts {
		if a.accepted && !terms.RefundsOn(a.final) {
			return false
		}
		any = any || a.accepted
	}
	return any
}

// OnAttempt follows every acceptance and receipt of a message, with the facts up to and including it.
func OnAttempt(terms credit.Terms, why credit.Because, message string, facts Facts) (credit.Command, bool) {
	if !facts.NonDelivery(terms) {
		return nil, false
	}
	return credit.ProveNonDelivery{Because: why, Message: message, GraceDays: terms.ExpiredLotGraceDays}, true
}
