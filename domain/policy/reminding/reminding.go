// Package reminding decides which reminders an appointment asks for, when each is due, and which are not sent and
// why. It is a function of the appointment and the rules: planned again from the same facts it gives the same
// messages with the same ids, so nobody is reminded twice. It refuses to look at the clock, to read a client's data
// and to send anything.
package reminding

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

// Facts are all that a plan depends on.
type Facts struct {
	Account     domain.AccountID
	Client      domain.ClientID
	Appointment domain.AppointmentID
	Sequence    int       // the appointment's revision
	Start       time.Time // of the visit
	BookedAt    time.Time // when this revision was booked or moved
	Rules       []account.ReminderRule
	Zone        *time.Location // the client's, else the account's; quiet hours are counted in it
	Quiet       Quiet
	Reach       Reach
}

// Reach is how the client can be reached.
type Reach struct {
	Phone, Email bool // there is one
	OptedOut     bool // of texts
	Erased       bool
}

// Reminder is one message to be queued when it is due, or to be suppressed at once where Suppressed gives a reason.
type Reminder struct {
	Message     domain.MessageID
	Rule        string
	Channel     string
	DueAt       time.Time
	UsefulUntil time.Time // the start of the visit
	Suppressed  string    // booked_late, opted_out, no_address, erased, or ""
}

// Plan is one reminder a rule, in the order of the rules. A client who cannot be texted is written to instead, where
// there is an address.
func Plan(facts Facts) []Reminder {
	plan := make([]Reminder, 0, len(facts.Rules))
	for _, rule := range facts.Rules {
		due := facts.Quiet.Before(facts.Start.Add(-time.Duration(rule.LeadMin)*time.Minute), facts.Zone)
		channel, reason := facts.Reach.channel(rule.Channel, facts.mailsAt(rule.LeadMin))
		if reason == "" && due.Before(facts.BookedAt) {
			reason = "booked_late"
		}
		plan = append(plan, Reminder{
			Message: MessageID(facts, rule.ID, channel), Rule: rule.ID, Channel: channel,
			DueAt: domain.Microseconds(due), UsefulUntil: domain.Microseconds(facts.Start), Suppressed: reason,
		})
	}
	return plan
}

// MessageID is the id of the reminder that a rule asks for: the same on every machine, another for every revision of
// the appointment.
func MessageID(facts Facts, rule, channel string) domain.MessageID {
	return domain.DeriveID[domain.MessageID](
		"reminder", facts.Appointment, facts.Sequence, rule, facts.Client, channel)
}

// mailsAt reports whether a rule of its own asks for an email with this lead.
func (f Facts) mailsAt(leadMin int) bool {
	return slices.ContainsFunc(f.Rules, func(rule account.ReminderRule) bool {
		return rule.LeadMin == leadMin && rule.Channel == message.Email
	})
}

// channel is how a message that wants to go one way goes, or why it does not. Where an email goes out at that time
// anyway, a second one does not stand in for the text.
func (r Reach) channel(wanted string, mailed bool) (channel, reason string) {
	switch {
	case r.Erased:
		return wanted, "erased"
	case wanted == message.SMS && r.Phone && !r.OptedOut:
		return message.SMS, ""
	case r.Email && (wanted == message.Email || !mailed):
		return message.Email, ""
	case wanted == message.SMS && r.OptedOut:
		return wanted, "opted_out"
	}
	return wanted, "no_address"
}

// Suppress is the wish that says so in the log, for a reminder that is not sent.
func Suppress(facts Facts, reminder Reminder, reason string) message.Command {
	return message.Suppress{
		Message: reminder.Message,
		Reason:  reason,
		About: message.About{
			Account: facts.Account, Client: facts.Client, Appointment: facts.Appointment, Sequence: facts.Sequence,
			Rule: reminder.Rule, Channel: reminder.Channel,
		},
	}
}
