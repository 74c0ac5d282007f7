// Package refunding decides what is given back after a charge: when receipts prove that a text did not arrive, and
// when a refund window is declared, amended or revoked. The same functions serve the running engine, the preview of a
// window and the replay of books. It refuses to remember anything: the caller passes in the facts of the log so far.
package refunding

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
)

// Facts is what the log says so far about the attempts of a message. It is a value.
type Facts struct{ attempts []attempt }

type attempt struct {
	number   int
	accepted bool
	final    string // first final receipt: delivered, undelivered, expired
}

// Accepted adds the acceptance of an attempt.
func (f Facts) Accepted(number int) Facts {
	return f.change(number, func(a *attempt) { a.accepted = true })
}

// Reported adds a receipt. The first final receipt of an attempt counts; unknown is not final.
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

// With adds an event of the stream of the message. Events other than acceptances and receipts are ignored.
func (f Facts) With(event domain.Event) Facts {
	switch e := event.(type) {
	case message.SmsSent:
		return f.Accepted(e.Attempt)
	case message.DeliveryReported:
		return f.Reported(e.Attempt, e.State)
	}
	return f
}

// NonDelivery reports whether every accepted attempt has a final receipt that refunds.
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

// OnAttempt is called after every acceptance and receipt of a message, with the facts including it. It returns the
// command that records non-delivery, if it is proven.
func OnAttempt(terms credit.Terms, why credit.Because, message string, facts Facts) (credit.Command, bool) {
	if !facts.NonDelivery(terms) {
		return nil, false
	}
	return credit.ProveNonDelivery{Because: why, Message: message, GraceDays: terms.ExpiredLotGraceDays}, true
}
