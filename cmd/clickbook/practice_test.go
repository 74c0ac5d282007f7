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

// practice is one account with a room of many units that is always open, and clients who have numbers.
type practice struct {
	account domain.AccountID
	service domain.ServiceID
	room    domain.ResourceID
	clients []domain.ClientID
	key     string // of a member of the staff
}

// units of the practice's room; as many clients fit into one start.
const practiceClients = 40

// openPractice makes one, two days before now, so that appointments can have been booked in good time.
func openPractice(t testing.TB, at installation.Home, now time.Time, units int, credits int64) practice {
	t.Helper()
	h := byHand(t, at, now.Add(-48*time.Hour))
	defer h.close()
	p := practice{
		account: domain.DeriveID[domain.AccountID]("practice"), service: domain.DeriveID[domain.ServiceID]("practice"),
		room: domain.DeriveID[domain.ResourceID]("practice"),
	}
	ctx, origin := t.Context(), commands.ForAccount(p.account, installation.Operator)
	for _, wish := range p.wishes(h, units, credits) {
		_, err := h.Engine.Do(ctx, origin, wish)
		h.ok(err)
	}
	_, err := h.Projector.CatchUp(ctx)
	h.ok(err)
	h.ok(h.FirstRoute(ctx))
	p.key, err = h.Issue(ctx, p.account, access.Staff, "test")
	h.ok(err)
	h.settle(ctx)
	return p
}

func (p *practice) wishes(h *hands, units int, credits int64) []domain.Command {
	h.t.Helper()
	settings, err := account.NewSettings(account.Form{
		Name: "Practice", Email: "desk@example.com", Zone: "UTC", Locale: "en-GB", Country: "GB",
	})
	h.ok(err)
	room, err := resource.NewProfile("Room", "room", units)
	h.ok(err)
	hours, err := resource.NewWeeklyHours(p.room, "UTC", []resource.Hours{
		{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"},
	})
	h.ok(err)
	wishes := []domain.Command{
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
		wishes = append(wishes, client.Register{Client: p.clients[n], Account: p.account, Contact: contact})
	}
	return wishes
}

// book books visits of all clients at the starts of these numbers, two days before now: their reminders are due at now.
func (p practice) book(t testing.TB, at installation.Home, now time.Time, from, to int) (booked int) {
	t.Helper()
	h := byHand(t, at, now.Add(-48*time.Hour))
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

// wish is one client's: a start, and the key under which it is asked for as often as it takes.
type wish struct {
	key    string
	client domain.ClientID
	start  time.Time
}

// wish number n; no two are for the same client and start.
func (p practice) wish(now time.Time, n int) wish {
	first := now.Add(72 * time.Hour).Truncate(time.Hour).UTC()
	return wish{
		key: fmt.Sprintf("wish-%d", n), client: p.clients[n%len(p.clients)],
		start: first.Add(time.Duration(n/len(p.clients)) * 15 * time.Minute),
	}
}

// send asks the server for it.
func (p practice) send(s *server, w wish) answer {
	return s.ask("POST", "/accounts/"+p.account.String()+"/appointments", w.key, map[string]any{
		"client": w.client.String(), "service": p.service.String(), "start": w.start.Format(time.RFC3339),
	})
}

// standing are the appointments of the calendar that are booked, by client and start.
func (p practice) standing(ctx context.Context, h *hands) map[wish][]domain.AppointmentID {
	h.t.Helper()
	found, err := h.calendar().Find(ctx, p.account, bookedOnly)
	h.ok(err)
	standing := make(map[wish][]domain.AppointmentID)
	for _, one := range found {
		place := wish{client: one.Client, start: one.Visit.Start}
		standing[place] = append(standing[place], one.ID)
	}
	return standing
}
