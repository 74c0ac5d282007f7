package messaging_test

import (
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

// ruled sets the rules of the clinic and returns the ids of their reminders of an appointment, in order.
func ruled(
	w *commandstest.World, booked domain.AppointmentID, rules ...account.ReminderRule,
) (ids []domain.MessageID, due commandstest.DueNow) {
	w.Do(account.SetReminderRules{Account: w.Account, Rules: rules})
	facts := reminding.Facts{Appointment: booked, Client: w.Ana}
	for _, rule := range rules {
		id := reminding.MessageID(facts, rule.ID, rule.Channel)
		ids = append(ids, id)
		due = append(due, messaging.DueReminder{
			Message: id, Account: w.Account, Appointment: booked, Rule: rule.ID, Channel: rule.Channel, DueAt: w.Now,
		})
	}
	return ids, due
}

func queueDue(w *commandstest.World, due commandstest.DueNow) {
	w.T.Helper()
	reminders := &messaging.Reminders{Engine: w.Engine, OptOuts: w.OptOuts, Due: due, Quiet: reminding.Nights}
	_, err := reminders.QueueDue(w.T.Context())
	w.Ok(err)
	w.Settle()
}

var (
	dayText  = account.ReminderRule{ID: "day", LeadMin: 24 * 60, Channel: message.SMS}
	hourText = account.ReminderRule{ID: "hour", LeadMin: 60, Channel: message.SMS}
	fourText = account.ReminderRule{ID: "four", LeadMin: 240, Channel: message.SMS}
	dayMail  = account.ReminderRule{ID: "mail", LeadMin: 24*60 - 40, Channel: message.Email}
)

// Three texts that a downtime made due together are one text: that of the rule nearest to now.
func TestMissedTextsAreOne(t *testing.T) {
	w := commandstest.NewWorld(t)
	booked := w.Book("a", clock(1, 13, 0))
	ids, due := ruled(w, booked, dayText, hourText, fourText)
	w.Now = clock(1, 9, 30)
	queueDue(w, due)
	queueDue(w, due) // again after a crash
	var got []string
	for _, id := range ids {
		state := w.Message(id)
		got = append(got, string(state.Status())+" "+state.Reason)
	}
	want := []string{"suppressed same_minute", "suppressed same_minute", "sent "}
	if !slices.Equal(got, want) || len(w.Alpha.Sent) != 1 {
		t.Fatalf("the texts are %q after %d sent, want %q after 1", got, len(w.Alpha.Sent), want)
	}
}

// The email in place of a text and the email of a rule in the same hour are one, whichever comes first.
func TestFallbackAndRuleAreOneEmail(t *testing.T) {
	bad := commandstest.Refused("permanent")
	for _, c := range []struct {
		name    string
		mailAt  time.Time // when the email of the rule is due
		textAt  time.Time // when the text fails
		own     bool      // the text gets an email of its own
		mails   int
		rule    account.ReminderRule
		replace bool // the email names the text when it is queued
	}{
		{"the text fails first", clock(0, 13, 40), clock(0, 13, 0), false, 1, dayMail, true},
		{"the email went out first", clock(0, 12, 30), clock(0, 13, 0), false, 1, dayMail, false},
		{"the email went out long before", clock(0, 12, 0), clock(0, 15, 0), true, 2, dayMail, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Now = clock(0, 12, 0)
			booked := w.Book("a", clock(1, 13, 0))
			w.Alpha.Results = []error{bad}
			ids, due := ruled(w, booked, dayText, c.rule)
			mail, text := ids[1], ids[0]
			if c.mailAt.Before(c.textAt) {
				w.Now = c.mailAt
				queueDue(w, due[1:])
			}
			w.Now = c.textAt
			queueDue(w, due[:1])
			if c.mailAt.After(c.textAt) {
				w.Now = c.mailAt
				queueDue(w, due[1:])
			}
			fallback := mail
			if c.own {
				fallback = reminding.FallbackID(w.Message(text))
			}
			if len(w.Mails) != c.mails || w.Message(text).Fallback != fallback {
				t.Fatalf("%d emails; the text names %s; want %d and %s",
					len(w.Mails), w.Message(text).Fallback, c.mails, fallback)
			}
			if named := w.Message(fallback).Replaces == text; named != c.replace {
				t.Errorf("the email names the text: %v, want %v", named, c.replace)
			}
		})
	}
}

// Two texts of a visit that fail in the same hour are replaced by one email.
func TestTwoFailedTextsAreOneEmail(t *testing.T) {
	w := commandstest.NewWorld(t)
	bad := commandstest.Refused("permanent")
	w.Alpha.Results = []error{bad, bad}
	booked := w.Book("a", clock(1, 13, 0))
	later := account.ReminderRule{ID: "later", LeadMin: 24*60 - 30, Channel: message.SMS}
	ids, due := ruled(w, booked, dayText, later)
	w.Now = clock(0, 13, 0)
	queueDue(w, due[:1])
	w.Now = clock(0, 13, 30)
	queueDue(w, due[1:])
	first, second := w.Message(ids[0]), w.Message(ids[1])
	if len(w.Mails) != 1 || second.Fallback != first.Fallback || first.Fallback.IsZero() {
		t.Fatalf("%d emails; the texts name %s and %s", len(w.Mails), first.Fallback, second.Fallback)
	}
}

// A text that waited for the morning is not sent beside the one that is due by then.
func TestWaitingTextIsOvertaken(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Alpha.Results = []error{commandstest.Refused("transient")}
	booked := w.Book("a", clock(1, 12, 0))
	evening := account.ReminderRule{ID: "evening", LeadMin: 15*60 + 2, Channel: message.SMS} // 20:58
	ids, due := ruled(w, booked, evening, fourText)
	w.Now = clock(0, 20, 58)
	queueDue(w, due[:1])
	w.Now = clock(0, 21, 0)
	retry(w, ids[0], 1)
	w.Now = clock(1, 8, 1)
	queueDue(w, due[1:])
	retry(w, ids[0], 1)
	waited, other := w.Message(ids[0]), w.Message(ids[1])
	if waited.Reason != reminding.SameMinute || other.Status() != message.Sent || len(w.Mails) != 0 {
		t.Fatalf("the text that waited is %s (%s), the other %s, with %d emails",
			waited.Status(), waited.Reason, other.Status(), len(w.Mails))
	}
}
