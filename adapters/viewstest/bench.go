package viewstest

import (
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// month is a log of so many appointments, each from booking to fulfilment with a reminder that is held for, sent,
// charged and delivered: ten events each, as in the simulated month.
func month(w *world, appointments int) {
	opened(w)
	visits(w, appointments)
}

func visits(w *world, appointments int) {
	w.happened(acme, monday, credit.StreamOf(acme), credit.CreditsPurchased{Purchase: "p", Posted: credit.Posted{
		Account: acme.String(), EffectiveAt: monday, RecordedAt: monday,
		Postings: []credit.Posting{{From: credit.IssuedPaid, To: credit.Paid, Amount: int64(appointments) * 1_000_000}},
	}})
	for n := range appointments {
		at := monday.Add(time.Duration(n) * time.Minute)
		who := domain.DeriveID[domain.ClientID]("client", n*2/3)
		if n*2/3 != (n-1)*2/3 || n == 0 {
			w.happened(acme, at, client.Stream(who), client.ClientRegistered{Client: who, Account: acme, Contact: client.Contact{
				Name: domain.Secret(fmt.Sprintf("Client Number %d", n)), Phone: domain.Secret(fmt.Sprintf("+5527%09d", n)), Country: "BR",
			}})
		}
		a := domain.DeriveID[domain.AppointmentID]("appointment", n)
		w.booked(a, who, at, at.AddDate(0, 0, 7))
		texted(w, who, a, at.AddDate(0, 0, 6))
		w.happened(acme, at.AddDate(0, 0, 7), streamOf(a), appointment.Fulfilled{Appointment: a})
	}
}

func texted(w *world, who domain.ClientID, a domain.AppointmentID, at time.Time) {
	m := domain.MessageID{UUID: domain.DeriveUUID("message", a)}
	letter := reminderTo(who, a, "+5527999990001", "Dear client, see you tomorrow at nine in the salon at the corner")
	attempted := message.SmsAttempted{Message: m, Attempt: 1, Reference: m.String(), Provider: "alpha", Country: "BR", At: at}
	sent := message.SmsSent{Message: m, Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", SentAt: at}
	posted := func(from, to credit.Pocket) credit.Posted {
		return credit.Posted{
			Account: acme.String(), Cause: m.String(), EffectiveAt: at, RecordedAt: at,
			Postings: []credit.Posting{{From: from, To: to, Amount: 1_000_000}},
		}
	}
	w.happened(acme, at, message.Stream(m), message.ReminderQueued{Message: m, Letter: letter, Rule: "day-before"})
	w.happened(acme, at, credit.StreamOf(acme), credit.CreditsHeld{
		Posted: posted(credit.Paid, credit.HeldPaid), Quote: credit.Quote{Message: m.String(), Price: 1_000_000, Country: "BR", Home: "UTC"},
	})
	w.happened(acme, at, message.Stream(m), attempted, sent)
	w.happened(acme, at, credit.StreamOf(acme), credit.CreditsCharged{
		Posted:     posted(credit.HeldPaid, credit.RevenuePaid),
		Acceptance: credit.Acceptance{Message: m.String(), Attempt: 1, Provider: "alpha"},
	})
	w.happened(acme, at, message.Stream(m), message.DeliveryReported{
		Message: m, Account: acme, Attempt: 1, Provider: "alpha", Country: "BR", State: "delivered",
		At: at.Add(9 * time.Second), Counted: true,
	})
}

// Bench makes read models from a log: step by step, one by one and all together, and anew beside those that are there.
// It answers in events of the log a second, and in how many times as long as a bare pass takes that reads and decodes
// the same log.
func Bench(b *testing.B, s Suite) {
	w := newWorld(b, s)
	month(w, 4000)
	bare := w.pass()
	all := projections.All()
	for _, projection := range all {
		b.Run("steps/"+projection.Name, func(b *testing.B) { w.stepByStep(b, bare, projection) })
	}
	b.Run("steps/together", func(b *testing.B) { w.stepByStep(b, bare, all...) })
	w.place = s.New(b)
	w.reopen(all...)
	w.catchUp()
	b.Run("rebuild", func(b *testing.B) {
		for range b.N {
			w.rebuild()
		}
		w.report(b, bare)
	})
}

// pass is how long it takes to read and decode the log.
func (w *world) pass() time.Duration {
	begun := time.Now()
	for entry, err := range w.store.ReadAll(w.t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		_, err = w.codec.Decode(entry)
		w.ok(err)
	}
	return time.Since(begun)
}

func (w *world) stepByStep(b *testing.B, bare time.Duration, wired ...readmodel.Projection) {
	for range b.N {
		b.StopTimer()
		begun := newWorld(b, w.suite) // whoever has begun already does not build beside
		opened(begun)
		begun.wire(wired...)
		begun.catchUp()
		begun.store = w.store
		begun.wire(wired...)
		b.StartTimer()
		begun.catchUp()
	}
	w.report(b, bare)
}

func (w *world) report(b *testing.B, bare time.Duration) {
	b.ReportMetric(float64(w.events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/bare.Seconds(), "passes")
}
