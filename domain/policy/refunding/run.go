package refunding

import (
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/window"
)

// Change is one event of a window, with all known windows before and after it.
type Change struct {
	Before, After window.Set
	Window        string
	Clawback      bool
}

// After returns the change that an event makes to the known windows.
func After(known window.Set, event window.Event) Change {
	change := Change{Before: known, After: known.With(event), Window: event.ID()}
	switch e := event.(type) {
	case window.RefundWindowAmended:
		change.Clawback = e.Clawback
	case window.RefundWindowRevoked:
		change.Clawback = e.Clawback
	}
	return change
}

// OnWindow returns the commands of a change for the books of one account, by charge instant and message id. It leaves
// out messages that the change does not affect, including those that an interrupted run has already settled.
func OnWindow(change Change, terms credit.Terms, why credit.Because, books credit.State) (commands []credit.Command) {
	recovering := func(charge credit.Charge) credit.Recover {
		return credit.Recover{
			Because: why, Message: charge.Message, Window: change.Window, Clawback: change.Clawback,
			WasCovered: change.Before.Covers(sendOf(charge, why.Account)),
			IsCovered:  change.After.Covers(sendOf(charge, why.Account)),
			GraceDays:  terms.ExpiredLotGraceDays,
		}
	}
	affected := books.Captured(func(charge credit.Charge) bool {
		events, err := credit.Decide(books, recovering(charge))
		return err != nil || len(events) > 0 // keep it, so that the engine reports the refusal
	})
	for _, charge := range affected {
		commands = append(commands, recovering(charge))
	}
	return commands
}

// Preview returns what a change would move in the books of one account. It makes the same decisions and appends
// nothing.
func Preview(change Change, terms credit.Terms, why credit.Because, books credit.State) (totals window.Totals) {
	for _, command := range OnWindow(change, terms, why, books) {
		events, err := credit.Decide(books, command)
		if err != nil {
			continue
		}
		moved := false
		for _, event := range events {
			books = credit.Evolve(books, event)
			for _, line := range credit.Lines(event) {
				moved = true
				if line.Kind == "reversal" {
					totals.Reversed += line.Amount
				} else {
					totals.Refunded += line.Amount
				}
			}
		}
		if moved {
			totals.Messages++
		}
	}
	totals.Accounts = min(1, totals.Messages)
	return totals
}

// Supports returns the current reasons why a message costs less than its price.
func Supports(known window.Set, account string, charge credit.Charge) []string {
	supports := []string{}
	switch charge.Stage {
	case credit.Waived:
		for _, id := range charge.WaivedBy {
			supports = append(supports, "window:"+id)
		}
	case credit.Captured:
		for _, id := range known.Covering(sendOf(charge, account)) {
			supports = append(supports, "window:"+id)
		}
		if charge.NonDelivery {
			supports = append(supports, "dlr")
		}
		if charge.Goodwill {
			supports = append(supports, "goodwill")
		}
		if charge.Manual > 0 {
			supports = append(supports, "manual")
		}
	case credit.Held, credit.QueuedNoHold, credit.Failed, credit.Blocked, credit.Absorbed: // nothing was charged
	}
	return supports
}

func sendOf(c credit.Charge, account string) window.Send {
	return window.Send{At: c.SentAt, Country: c.Country, Provider: c.Provider, Account: account, Home: c.Home}
}
