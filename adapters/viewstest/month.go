package viewstest

import (
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/projectiontest"
)

// month opens the salon and appends so many appointments, as the simulated month has them: each has ten events from
// the booking to the fulfilment, with a reminder that is paid for, sent and delivered. It appends the same events
// each time.
func (w *world) month(appointments int) {
	w.openSalon()
	w.appointments(appointments)
}

func (w *world) appointments(appointments int) {
	w.record(monday, credit.StreamOf(acme), credit.CreditsPurchased{Purchase: "p", Posted: credit.Posted{
		Account: acme.String(), EffectiveAt: monday, RecordedAt: monday,
		Postings: []credit.Posting{{From: credit.IssuedPaid, To: credit.Paid, Amount: int64(appointments) * 1_000_000}},
	}})
	for n := range appointments {
		at := monday.Add(time.Duration(n) * time.Minute)
		who := domain.DeriveID[domain.ClientID]("client", n*2/3)
		if n*2/3 != (n-1)*2/3 || n == 0 {
			w.record(at, client.Stream(who), client.ClientRegistered{Client: who, Account: acme, Contact: client.Contact{
				Name:  domain.Secret(fmt.Sprintf("Client Number %d", n)),
				Phone: domain.Secret(fmt.Sprintf("+5527%09d", n)), Country: "BR",
			}})
		}
		a := domain.DeriveID[domain.AppointmentID]("appointment", n)
		w.Append(projectiontest.Booked(a, who, at, at.AddDate(0, 0, 7))...)
		w.remind(who, a, at.AddDate(0, 0, 6))
		w.record(at.AddDate(0, 0, 7), appointment.StreamOf(a), appointment.Fulfilled{Appointment: a})
	}
}

// remind sends a reminder of an appointment, which is charged and delivered.
func (w *world) remind(who domain.ClientID, a domain.AppointmentID, at time.Time) {
	m := domain.MessageID{UUID: domain.DeriveUUID("message", a)}
	letter := projectiontest.ReminderTo(who, a, "+5527999990001",
		"Dear client, see you tomorrow at nine in the salon at the corner")
	attempted := message.SmsAttempted{
		Message: m, Attempt: 1, Reference: m.String(), Provider: "alpha", Country: "BR", At: at,
	}
	sent := message.SmsSent{Message: m, Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: at}
	posted := func(from, to credit.Pocket) credit.Posted {
		return credit.Posted{
			Account: acme.String(), Cause: m.String(), EffectiveAt: at, RecordedAt: at,
			Postings: []credit.Posting{{From: from, To: to, Amount: 1_000_000}},
		}
	}
	w.record(at, message.Stream(m), message.ReminderQueued{Message: m, Letter: letter, Rule: "day-before"})
	w.record(at, credit.StreamOf(acme), credit.CreditsHeld{
		Posted: posted(credit.Paid, credit.HeldPaid),
		Quote:  credit.Quote{Message: m.String(), Price: 1_000_000, Country: "BR", Home: "UTC"},
	})
	w.record(at, message.Stream(m), attempted, sent)
	w.record(at, credit.StreamOf(acme), credit.CreditsCharged{
		Posted:     posted(credit.HeldPaid, credit.RevenuePaid),
		Acceptance: credit.Acceptance{Message: m.String(), Attempt: 1, Provider: "alpha"},
	})
	w.record(at, message.Stream(m), message.DeliveryReported{
		Message: m, Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "delivered",
		At: at.Add(9 * time.Second), Counted: true,
	})
}
