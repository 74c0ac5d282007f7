package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// practice is an account with one room of many units that is always open, and clients with phone numbers.
type practice struct {
	account domain.AccountID
	service domain.ServiceID
	room    domain.ResourceID
	clients []domain.ClientID
	key     string // of a staff member
}

// practiceClients is how many clients a practice has, and usually how many units its room has.
const practiceClients = 40

// openPractice opens a practice two days before now, so that appointments can be booked before their reminders are
// due.
func openPractice(t testing.TB, at installation.Location, now time.Time, units int, credits int64) practice {
	t.Helper()
	h := openManual(t, at, now.Add(-48*time.Hour))
	defer h.close()
	p := practice{
		account: domain.DeriveID[domain.AccountID]("practice"), service: domain.DeriveID[domain.ServiceID]("practice"),
		room: domain.DeriveID[domain.ResourceID]("practice"),
	}
	ctx, origin := t.Context(), commands.ForAccount(p.account, installation.Operator)
	for _, cmd := range p.commands(h, units, credits, daytime(now)) {
		_, err := h.Engine.Do(ctx, origin, cmd)
		h.ok(err)
	}
	_, err := h.Projector.CatchUp(ctx)
	h.ok(err)
	h.ok(h.AddSimulatedProviders(ctx))
	p.key, err = h.Issue(ctx, p.account, access.Staff, "test")
	h.ok(err)
	h.settle(ctx)
	return p
}

// daytime returns a zone in which it is about noon, so that texts may go out whenever the tests run.
func daytime(now time.Time) string {
	return fmt.Sprintf("Etc/GMT%+d", now.UTC().Hour()-12) // Etc/GMT-3 is three hours ahead of UTC
}

func (p *practice) commands(h *manual, units int, credits int64, zone string) []domain.Command {
	h.t.Helper()
	settings, err := account.NewSettings(account.Form{
		Name: "Practice", Email: "desk@example.com", Zone: zone, Locale: "en-GB", Country: "GB",
	})
	h.ok(err)
	room, err := resource.NewProfile("Room", "room", units)
	h.ok(err)
	hours, err := resource.NewWeeklyHours(p.room, zone, []resource.Hours{
		{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"},
	})
	h.ok(err)
	cmds := []domain.Command{
		account.Open{Account: p.account, Settings: settings},
		account.SetReminderRules{Account: p.account, Rules: []account.ReminderRule{
			{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"},
		}},
		credit.Purchase{
			Because:  credit.Because{Account: p.account.String(), Cause: "practice", RecordedAt: h.Engine.Now()},
			Purchase: "opening", Amount: credits * 1_000_000,
		},
		resource.Add{Resource: p.room, Account: p.account, Profile: room},
		hours,
		service.Define{Service: p.service, Account: p.account, Policy: service.Policy{
			Name: "Visit", DurationMin: 15, Requirements: []service.Requirement{
				{AnyOf: []service.Choice{{Resource: p.room, Units: 1}}},
			},
		}},
	}
	for n := range practiceClients {
		contact, err := client.NewContact(client.Form{
			Name: fmt.Sprint("Client ", n), Phone: fmt.Sprintf("+4478555%05d", n), Country: "GB",
		})
		h.ok(err)
		p.clients = append(p.clients, domain.DeriveID[domain.ClientID]("practice", n))
		cmds = append(cmds, client.Register{Client: p.clients[n], Account: p.account, Contact: contact})
	}
	return cmds
}

// book books all clients at each start from number from to number to, two days before now. Their reminders are due
// now.
func (p practice) book(t testing.TB, at installation.Location, now time.Time, from, to int) (booked int) {
	t.Helper()
	h := openManual(t, at, now.Add(-48*time.Hour))
	defer h.close()
	ctx, origin := t.Context(), commands.ForAccount(p.account, installation.Operator)
	first := now.Add(20 * time.Hour).Truncate(time.Hour).UTC()
	for n := from * len(p.clients); n < to*len(p.clients); n++ {
		_, err := h.Booking.Book(ctx, origin, booking.Order{
			Appointment: appointment.IDOf(p.account, fmt.Sprint("before-", n)), Account: p.account,
			Client: p.clients[n%len(p.clients)], Service: p.service,
			Start: first.Add(time.Duration(n/len(p.clients)) * 15 * time.Minute),
		})
		h.ok(err)
		booked++
	}
	return booked
}

// request asks for a start for a client. It is sent under one Idempotency-Key until it is answered.
type request struct {
	key    string
	client domain.ClientID
	start  time.Time
}

// request returns request number n. No two are for the same client and start.
func (p practice) request(now time.Time, n int) request {
	first := now.Add(72 * time.Hour).Truncate(time.Hour).UTC()
	return request{
		key: fmt.Sprintf("request-%d", n), client: p.clients[n%len(p.clients)],
		start: first.Add(time.Duration(n/len(p.clients)) * 15 * time.Minute),
	}
}

// send sends a request to the server.
func (p practice) send(s *server, w request) response {
	return s.ask("POST", "/accounts/"+p.account.String()+"/appointments", w.key, map[string]any{
		"client": w.client.String(), "service": p.service.String(), "start": w.start.Format(time.RFC3339),
	})
}

// booked returns the booked appointments of the calendar by client and start.
func (p practice) booked(ctx context.Context, h *manual) map[request][]domain.AppointmentID {
	h.t.Helper()
	found, err := h.calendar().Find(ctx, p.account, bookedOnly)
	h.ok(err)
	booked := make(map[request][]domain.AppointmentID)
	for _, one := range found {
		place := request{client: one.Client, start: one.Visit.Start}
		booked[place] = append(booked[place], one.ID)
	}
	return booked
}
