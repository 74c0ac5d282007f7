package replying

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Recent is how long ago a text may have been sent about another appointment that a reply may mean as well.
const Recent = 7 * 24 * time.Hour

// Texted is a text that was sent to the number of a reply.
type Texted struct {
	Message     domain.MessageID
	Account     domain.AccountID
	Appointment domain.AppointmentID // zero if it was about none
	At          time.Time
	Ahead       bool // the appointment is booked, at the time that the text named, and has not ended
}

// Reaction is what follows from a reply.
type Reaction struct {
	OptOut  []domain.AccountID // that send no more texts to the number
	OptIn   []domain.AccountID // that may send texts to it again
	Explain bool               // tell the client who writes to them
	Confirm domain.AppointmentID
	Cancel  domain.AppointmentID
	Forward bool // to the owner of the account of the latest text
}

// React returns what follows from a reply, given the texts that were sent to its number before it, the latest first, of
// which there is at least one. Stop and Start hold for every account that wrote to the number from the same sender,
// because the client cannot tell them apart. Everything else is about the latest text. A cancellation is not guessed:
// if recent texts were about several appointments, the owner asks the client.
func React(meaning Meaning, texts []Texted, at time.Time) (r Reaction) {
	latest := texts[0]
	switch meaning {
	case Stop:
		r.OptOut = accountsOf(texts)
	case Cancel:
		r.OptOut, r.Forward = accountsOf(texts), true
	case Start:
		r.OptIn = accountsOf(texts)
	case Help:
		r.Explain = true
	case Yes:
		if r.Confirm = latest.Appointment; !latest.Ahead {
			return Reaction{Forward: true}
		}
	case No:
		if r.Cancel = latest.Appointment; !latest.Ahead || severalAhead(texts, at) {
			return Reaction{Forward: true}
		}
	case Other:
		r.Forward = true
	}
	return r
}

// Again returns the reaction to a reply that came before, from all texts and from what was decided then. Only the
// accounts are taken from all texts. A START that is repeated after a later STOP must not undo it, so it does nothing:
// the client can send it again.
func (r Reaction) Again(then Reaction) Reaction {
	then.OptOut, then.OptIn = r.OptOut, nil
	return then
}

// accountsOf returns the accounts of the texts, each once, in their order.
func accountsOf(texts []Texted) (accounts []domain.AccountID) {
	seen := make(map[domain.AccountID]bool)
	for _, text := range texts {
		if !seen[text.Account] {
			seen[text.Account] = true
			accounts = append(accounts, text.Account)
		}
	}
	return accounts
}

// severalAhead reports whether recent texts were about more than one appointment that is ahead.
func severalAhead(texts []Texted, at time.Time) bool {
	for _, text := range texts {
		if text.Ahead && text.Appointment != texts[0].Appointment && at.Sub(text.At) <= Recent {
			return true
		}
	}
	return false
}
