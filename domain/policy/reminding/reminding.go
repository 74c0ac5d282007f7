// Package reminding decides which reminders an appointment asks for, when each is due, and which are not sent and
// why. It is a function of the appointment and the rules: the same facts give the same messages with the same ids, so
// nobody is reminded twice. It refuses to read the clock, to read personal data and to send anything.
package reminding

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
)

// Facts is the input of a plan.
type Facts struct {
	Account     domain.AccountID
	Client      domain.ClientID
	Appointment domain.AppointmentID
	Sequence    int       // the appointment's revision
	Start       time.Time // of the visit
	BookedAt    time.Time // when this revision was booked or moved
	Rules       []account.ReminderRule
	Zone        *time.Location // of the client, else of the account; quiet hours are local to it
	Quiet       Quiet
	Reach       Reach
	Country     string // of the client's number; it is needed to suppress, not to plan
}

// IsAhead reports whether the visit was still to come when it was booked or moved.
func (f Facts) IsAhead() bool { return f.BookedAt.Before(f.Start) }

// Reach is how the client can be reached.
type Reach struct {
	Phone, Email bool // the client has one
	OptedOut     bool // from texts
	Erased       bool
	NoTexts      string // why the number takes no texts, as domain.TakesTexts says, or ""
}

// Reminder is one message to queue when it is due, or to suppress at once if Suppressed gives a reason.
type Reminder struct {
	Message     domain.MessageID
	Rule        string
	Channel     string
	Wanted      time.Time // when the rule asks for it
	DueAt       time.Time // the same, or before the quiet time
	UsefulUntil time.Time // the start of the visit
	Suppressed  string    // booked_late, opted_out, no_address, erased, same_minute, a reason of domain.NoTexts, or ""
}

// Plan returns one reminder per rule, in the order of the rules. A client who cannot be texted gets an email instead
// if they have an address. Of reminders that are due in the same minute by the same channel one is sent. A visit that
// had already started when it was booked, as in an import of past appointments, has no reminders.
func Plan(facts Facts) []Reminder {
	if !facts.IsAhead() {
		return nil
	}
	plan := make([]Reminder, 0, len(facts.Rules))
	for _, rule := range facts.Rules {
		wanted, due := facts.times(rule)
		channel, reason := facts.Reach.channel(rule.Channel, facts.mailsAround(due))
		if reason == "" && due.Before(facts.BookedAt) {
			reason = "booked_late"
		}
		plan = append(plan, Reminder{
			Message: MessageID(facts, rule.ID, channel), Rule: rule.ID, Channel: channel,
			Wanted: domain.Microseconds(wanted), DueAt: domain.Microseconds(due),
			UsefulUntil: domain.Microseconds(facts.Start), Suppressed: reason,
		})
	}
	return onePerMinute(plan)
}

// times returns when a rule wants its reminder to be sent, and when it is due.
func (f Facts) times(rule account.ReminderRule) (wanted, due time.Time) {
	wanted = f.Start.Add(-time.Duration(rule.LeadMin) * time.Minute)
	return wanted, f.Quiet.Before(wanted, f.Zone)
}

// MessageID returns the id of the reminder of a rule. It is the same on every machine, and different for every
// revision of the appointment.
func MessageID(facts Facts, rule, channel string) domain.MessageID {
	return domain.DeriveID[domain.MessageID](
		"reminder", facts.Appointment, facts.Sequence, rule, facts.Client, channel)
}

// mailsAround reports whether a rule asks for an email within an hour of an instant.
func (f Facts) mailsAround(at time.Time) bool {
	return slices.ContainsFunc(f.Rules, func(rule account.ReminderRule) bool {
		_, due := f.times(rule)
		return rule.Channel == message.Email && SameHour(due, at)
	})
}

// channel returns the channel to use for a message that should go by the wanted one, or the reason to suppress it. If
// a rule sends an email in that hour anyway, a text is not replaced by a second email.
func (r Reach) channel(wanted string, mailed bool) (channel, reason string) {
	switch {
	case r.Erased:
		return wanted, "erased"
	case wanted == message.SMS && r.Phone && !r.OptedOut && r.NoTexts == "":
		return message.SMS, ""
	case r.Email && (wanted == message.Email || !mailed):
		return message.Email, ""
	}
	return wanted, r.Unreached(wanted)
}

// Unreached returns why a client does not get a message by a channel, when they cannot be reached by it.
func (r Reach) Unreached(channel string) string {
	switch {
	case channel == message.SMS && r.OptedOut:
		return "opted_out"
	case channel == message.SMS && r.NoTexts != "":
		return r.NoTexts
	}
	return "no_address"
}

// MayChange reports whether the reason of a planned reminder depends on how the client can be reached, which may have
// changed until it is due: the owner of the number opted in at another client's record, or there is an address now.
func MayChange(reason string) bool {
	return reason == "opted_out" || reason == "no_address" || slices.Contains(domain.NoTexts(), reason)
}

// Suppress returns the command that records a reminder as not sent.
func Suppress(facts Facts, reminder Reminder, reason string) message.Command {
	return message.Suppress{Message: reminder.Message, Reason: reason, About: facts.about(reminder)}
}

// Defer returns the command that lets a reminder wait for the end of the quiet time.
func Defer(facts Facts, reminder Reminder, until time.Time) message.Command {
	return message.Defer{Message: reminder.Message, Until: until, About: facts.about(reminder)}
}

func (f Facts) about(reminder Reminder) message.About {
	return message.About{
		Account: f.Account, Client: f.Client, Appointment: f.Appointment, Sequence: f.Sequence,
		Rule: reminder.Rule, Channel: reminder.Channel, Country: f.Country,
	}
}
