package projectiontest

import (
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// ReminderTo returns the text of a reminder of an appointment tomorrow.
func ReminderTo(who domain.ClientID, about domain.AppointmentID, number, text string) message.Letter {
	return message.Letter{
		Account: Acme, Client: who, Appointment: about, Channel: message.SMS, To: domain.Secret(number), Country: "BR",
		Text: domain.Secret(text), Segments: 1, UnitPrice: 1_000_000, ScheduledFor: Monday,
		UsefulUntil: Monday.Add(24 * time.Hour),
	}
}

// Texts opens the salon and sends four reminders: 1 is delivered, 2 fails, 3 is in doubt, 4 is suppressed.
func Texts() []Append {
	at, appends := Monday, Opened()
	for n, number := range []string{"+5527999990001", "+5527999990001", "+5527999990002"} {
		who := []domain.ClientID{Anna, Anna, Bruno}[n]
		m := Message(byte(n + 1))
		appends = append(appends, On(message.Stream(m), at.Add(time.Duration(n)*time.Minute), message.ReminderQueued{
			Message: m, Letter: ReminderTo(who, Visit(1), number, "See you tomorrow at nine"), Rule: "day-before",
		}, message.SmsAttempted{
			Message: m, Attempt: 1, Reference: m.String(), Provider: "alpha", Country: "BR", At: at,
		}))
	}
	return append(appends,
		On(message.Stream(Message(1)), at.Add(time.Second),
			message.SmsSent{
				Message: Message(1), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: at,
			},
			message.DeliveryReported{
				Message: Message(1), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "delivered",
				At: at.Add(7 * time.Second), Counted: true,
			}),
		On(message.Stream(Message(2)), at.Add(2*time.Second),
			message.SmsAttemptFailed{
				Message: Message(2), Attempt: 1, Provider: "alpha", Country: "BR", Class: "permanent", Code: "21211",
			},
			message.SmsFailed{
				Message: Message(2), Account: Acme, Attempt: 1, Provider: "alpha", Country: "BR", Class: "permanent",
				Code: "21211",
			}),
		On(message.Stream(Message(4)), at.Add(4*time.Minute), message.MessageSuppressed{
			Message: Message(4), Account: Acme, Client: Bruno, Appointment: Visit(2), Rule: "day-before",
			Channel: message.SMS, Country: "BR", Reason: "opted_out",
		}))
}
