package reminding_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

var (
	textID = domain.DeriveID[domain.MessageID]("text")
	text   = message.Letter{
		Account: domain.DeriveID[domain.AccountID]("clinic"), Client: domain.DeriveID[domain.ClientID]("ana"),
		Appointment: domain.DeriveID[domain.AppointmentID]("check-up"), Sequence: 1, Channel: message.SMS,
		To: domain.Secret("+5527999998888"), Country: "BR", Text: domain.Secret("Ana"), Segments: 1,
		UnitPrice: 800_000, ScheduledFor: start.Add(-24 * time.Hour), UsefulUntil: start,
	}
	queued = message.ReminderQueued{Message: textID, Letter: text, Rule: "day-before"}
	failed = message.SmsFailed{Message: textID, Account: text.Account, Attempt: 1, Class: "permanent"}
	tried  = message.SmsAttempted{Message: textID, Attempt: 1, Provider: "alpha", Country: "BR"}
	sent   = message.SmsSent{Message: textID, Account: text.Account, Attempt: 1, Provider: "alpha", Country: "BR"}
	mail   = reminding.Letter{
		To: domain.Secret("ana@example.com"), Title: domain.Secret("Lembrete"), Text: domain.Secret("Olá, Ana"),
	}
)

func state(events ...message.Event) message.State { return message.Decider.Fold(events...) }

func TestFallback(t *testing.T) {
	now := start.Add(-23 * time.Hour)
	letter := message.Letter{
		Account: text.Account, Client: text.Client, Appointment: text.Appointment, Sequence: 1, Channel: message.Email,
		To: mail.To, Title: mail.Title, Text: mail.Text, ScheduledFor: now, UsefulUntil: start, Replaces: textID,
	}
	id := reminding.FallbackID(state(queued, failed))
	if want := domain.DeriveID[domain.MessageID]("fallback", textID, "email"); id != want {
		t.Errorf("the fallback is %s, want %s, as ever", id, want)
	}
	got, ok := reminding.Fallback(id, state(queued, failed), mail, now)
	reminder := message.QueueReminder{Message: id, Letter: letter, Rule: "day-before"}
	if !ok || !reflect.DeepEqual(got, reminder) {
		t.Fatalf("a reminder falls back to %+v, want %+v", got, reminder)
	}
	if _, err := message.Decide(message.State{}, got); err != nil {
		t.Errorf("the email is refused: %v", err)
	}
	notice := message.NoticeQueued{Message: textID, Letter: text, Kind: "move"}
	got, ok = reminding.Fallback(id, state(notice, failed), mail, now)
	if want := (message.QueueNotice{Message: id, Letter: letter, Kind: "move"}); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("a notice falls back to %+v, want %+v", got, want)
	}
}

func suppressed(reason string) message.Event {
	return message.MessageSuppressed{Message: textID, Channel: message.SMS, Reason: reason}
}

func unqueued(reason string) message.Event {
	return message.MessageSuppressed{
		Message: textID, Account: text.Account, Client: text.Client, Appointment: text.Appointment, Channel: message.SMS,
		Rule: "day-before", Reason: reason,
	}
}

func TestFallsBack(t *testing.T) {
	now := start.Add(-23 * time.Hour)
	noCredit := message.MessageSuppressed{Message: textID, Reason: "no_credit"}
	cancelled := message.MessageSuppressed{Message: textID, Reason: "cancelled"}
	report := func(state string) message.Event {
		return message.DeliveryReported{Message: textID, Account: text.Account, Attempt: 1, State: state, Counted: true}
	}
	email := text
	email.Channel = message.Email
	mailFailed := message.MailFailed{Message: textID, Account: text.Account}
	for _, c := range []struct {
		name string
		text message.State
		now  time.Time
		want bool
	}{
		{"failed", state(queued, failed), now, true},
		{"no credit", state(queued, noCredit), now, true},
		{"cancelled", state(queued, cancelled), now, false},
		{"opted out after it was queued", state(queued, suppressed("opted_out")), now, true},
		{"a landline after it was queued", state(queued, suppressed("landline")), now, true},
		{"a landline before it was queued", state(unqueued("landline")), now, false},
		{"accepted, no receipt yet", state(queued, tried, sent), now, false},
		{"undelivered", state(queued, tried, sent, report("undelivered")), now, true},
		{"expired", state(queued, tried, sent, report("expired")), now, true},
		{"delivered", state(queued, tried, sent, report("delivered")), now, false},
		{"undelivered, too late to read", state(queued, tried, sent, report("undelivered")), start, false},
		{"cancelled, accepted after all, undelivered", state(queued, tried, cancelled, sent, report("undelivered")), now, false},
		{"failed, then accepted", state(queued, tried, failed, sent), now, false},
		{"still queued", state(queued), now, false},
		{"nothing", message.State{}, now, false},
		{"too late to read", state(queued, failed), start, false},
		{"an email itself", state(message.ReminderQueued{Message: textID, Letter: email, Rule: "a"}, mailFailed), now, false},
	} {
		if got := reminding.FallsBack(c.text, c.now); got != c.want {
			t.Errorf("%s: FallsBack = %v", c.name, got)
		}
	}
	if _, ok := reminding.Fallback(domain.MessageID{}, state(queued, failed), reminding.Letter{}, now); ok {
		t.Error("an email without an address was queued")
	}
}
