package reminding

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// Letter is the email that replaces a text.
type Letter struct {
	To, Title, Text domain.Private
}

// FallsBack reports whether an email should replace a text: the text finally failed, there was no credit for it or
// the quiet time would end too late, and there is time left to read an email. So does a text whose number, after it was
// queued, turned out to take none, was opted out or had enough texts. A text that was suppressed for another reason
// stays unsent, also when it turns out later that a provider had accepted it. A text that was suppressed before it was
// queued does not say itself until when it is useful.
func FallsBack(text message.State, now time.Time) bool {
	if text.Channel != message.SMS || !text.UsefulUntil.IsZero() && !now.Before(text.UsefulUntil) {
		return false
	}
	if text.Reason != "" {
		queued := !text.UsefulUntil.IsZero() // if not, the email is queued instead at once
		unpaid := text.Reason == "no_credit" || text.Reason == quietHours && (queued || text.Kind == "")
		unwanted := queued && (text.Reason == "opted_out" || slices.Contains(domain.NoTexts(), text.Reason) ||
			slices.Contains(message.LimitReasons, text.Reason))
		return text.Status() == message.Suppressed && (unpaid || unwanted)
	}
	return text.FinallyFailed()
}

// FallbackID returns the id of the email that is queued for one text. It is derived from that of the text, so the
// email is queued once.
func FallbackID(text message.State) domain.MessageID {
	return domain.DeriveID[domain.MessageID]("fallback", text.Message, message.Email)
}

// Fallback returns the command that queues the email for such a text. Without an address there is none.
func Fallback(id domain.MessageID, text message.State, mail Letter, now time.Time) (message.Command, bool) {
	if !FallsBack(text, now) || mail.To.Reveal() == "" {
		return nil, false
	}
	letter := message.Letter{
		Account: text.Account, Client: text.Client, Appointment: text.Appointment, Sequence: text.Sequence,
		Channel: message.Email, To: mail.To, Title: mail.Title, Text: mail.Text,
		ScheduledFor: now, UsefulUntil: text.UsefulUntil, Replaces: text.Message,
	}
	if text.Rule != "" {
		return message.QueueReminder{Message: id, Letter: letter, Rule: text.Rule}, true
	}
	return message.QueueNotice{Message: id, Letter: letter, Kind: text.Kind}, true
}
