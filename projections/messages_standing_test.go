package projections_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestStandingsOfTheNewestMessages(t *testing.T) {
	const number = "+5527999990001"
	text := func(n byte, minute int, more ...domain.Event) Append {
		return On(message.Stream(Message(n)), Monday.Add(time.Duration(minute)*time.Minute), append([]domain.Event{
			message.ReminderQueued{Message: Message(n), Letter: ReminderTo(Anna, Visit(1), number, "Hi"), Rule: "r"},
		}, more...)...)
	}
	letter := ReminderTo(Anna, Visit(1), "anna@example.com", "Hi")
	letter.Channel, letter.Country = message.Email, ""
	mail := func(n byte, minute int, more ...domain.Event) Append {
		return On(message.Stream(Message(n)), Monday.Add(time.Duration(minute)*time.Minute), append([]domain.Event{
			message.NoticeQueued{Message: Message(n), Letter: letter, Kind: "confirmation"},
		}, more...)...)
	}
	toStaff := letter
	toStaff.Staff = Chair
	attempt := func(n byte) domain.Event {
		return message.SmsAttempted{Message: Message(n), Attempt: 1, Provider: "alpha", Country: "BR", At: Monday}
	}
	sent := func(n byte) domain.Event {
		return message.SmsSent{
			Message: Message(n), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: Monday,
		}
	}
	arrived := func(n byte) domain.Event {
		return message.DeliveryReported{
			Message: Message(n), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "delivered",
			Counted: true, At: Monday,
		}
	}
	failed := func(n byte) domain.Event {
		return message.SmsFailed{Message: Message(n), Account: Acme, Provider: "alpha", Class: "permanent"}
	}
	mailed := func(n byte) domain.Event { return message.MailSent{Message: Message(n), Account: Acme, SentAt: Monday} }
	suppressed := func(reason string) Append {
		return On(message.Stream(Message(9)), Monday.Add(3*time.Hour), message.MessageSuppressed{
			Message: Message(9), Account: Acme, Client: Anna, Appointment: Visit(1), Rule: "r", Channel: "sms", Reason: reason,
		})
	}
	standing := func(n byte, state projections.StandingState) projections.Standing {
		return projections.Standing{Message: Message(n), State: state}
	}
	later := Monday.Add(24 * time.Hour)
	for name, is := range map[string]struct {
		given []Append
		want  projections.Standing
	}{
		"none":      {nil, projections.Standing{}},
		"waiting":   {[]Append{text(1, 0)}, standing(1, "waiting")},
		"in doubt":  {[]Append{text(1, 0, attempt(1))}, standing(1, "waiting")},
		"sent":      {[]Append{text(1, 0, attempt(1), sent(1))}, standing(1, "sent")},
		"delivered": {[]Append{text(1, 0, attempt(1), sent(1), arrived(1))}, standing(1, "delivered")},
		"failed":    {[]Append{text(1, 0, attempt(1), failed(1))}, standing(1, "failed")},
		"a text and an email at once": {
			[]Append{text(1, 0, attempt(1), failed(1)), mail(2, 1, mailed(2))}, standing(1, "failed"),
		},
		"an email without a receipt beside a text that arrived": {
			[]Append{text(1, 0, attempt(1), sent(1), arrived(1)), mail(2, 1, mailed(2))}, standing(1, "delivered"),
		},
		"a failed text and a later one that arrived": {
			[]Append{text(1, 0, attempt(1), failed(1)), text(2, 30, attempt(2), sent(2), arrived(2))}, standing(2, "delivered"),
		},
		"an older failure counts no more": {
			[]Append{text(1, 0, attempt(1), failed(1)), mail(2, 120, mailed(2))}, standing(2, "sent"),
		},
		"an email in place of an older failed text": {
			[]Append{text(1, 0, attempt(1), failed(1)), mail(2, 120, mailed(2)), On(message.Stream(Message(1)), later,
				message.MessageReplaced{Message: Message(1), By: Message(2)})}, standing(1, "failed"),
		},
		"not sent for want of credit":       {[]Append{text(1, 0), suppressed("no_credit")}, standing(9, "failed")},
		"not sent because it was opted out": {[]Append{text(1, 0), suppressed("opted_out")}, standing(1, "waiting")},
		"one to the staff": {[]Append{On(message.Stream(Message(5)), Monday,
			message.NoticeQueued{Message: Message(5), Letter: toStaff, Kind: "confirmation"})}, projections.Standing{}},
		"before a move": {
			append([]Append{text(1, 0)}, Moved(Visit(1), Anna, later, later, later.Add(time.Hour))...), projections.Standing{},
		},
		"before a change of the law": {
			append([]Append{text(1, 0)}, Adjusted(Visit(1), Anna, later, later, later.Add(time.Hour))...),
			standing(1, "waiting"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(t, Story(Opened(), Booked(Visit(1), Anna, Monday, later), is.given)...)
			found, err := w.Read.Messages.Standings(t.Context(), Acme, []domain.AppointmentID{Visit(1), Visit(2)})
			if err != nil {
				t.Fatal(err)
			}
			if got := found[Visit(1)]; got != is.want {
				t.Errorf("it is %v, want %v", got, is.want)
			}
			if _, has := found[Visit(1)]; has != (is.want != projections.Standing{}) {
				t.Errorf("the visit is listed: %v", has)
			}
			other, err := w.Read.Messages.Standings(t.Context(), Other, []domain.AppointmentID{Visit(1)})
			if len(other) > 0 || err != nil {
				t.Errorf("another account sees %v (error %v)", other, err)
			}
		})
	}
}
