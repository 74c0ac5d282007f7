package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/service"
)

// The world of a filled log. It does not grow with the log: only its visits do.
const (
	filledAccounts = 20
	filledRooms    = 10 // of an account
	filledClients  = 100
	filledEvents   = 11                       // of a visit
	filledPace     = 21600 * time.Millisecond // between two bookings: each room has 20 visits a day
	filledLead     = 500                      // visits booked between a booking and its visit: three hours
	filledVisit    = 30 * time.Minute
)

// filled is a log of many finished visits, written without the engine: the deciders decide, and nothing is loaded.
type filled struct {
	*manual
	ctx     context.Context
	first   time.Time // when the first visit is booked
	credits [filledAccounts]credit.State
	diaries map[domain.Stream]filledStream[diary.State]
	ledgers [filledAccounts]domain.Revision
	events  int
}

type filledStream[S any] struct {
	state S
	at    domain.Revision
}

// filledVisitState is a visit in progress.
type filledVisitState struct {
	visit filledStream[appointment.State]
	text  filledStream[message.State]
}

func filledAccount(n int) domain.AccountID { return domain.DeriveID[domain.AccountID]("filled", n) }

func filledRoom(account, n int) domain.ResourceID {
	return domain.DeriveID[domain.ResourceID]("filled", account, n)
}

func filledService(account, room int) domain.ServiceID {
	return domain.DeriveID[domain.ServiceID]("filled", account, room)
}

func filledClient(account, n int) domain.ClientID {
	return domain.DeriveID[domain.ClientID]("filled", account, n)
}

// fillLog makes a data directory whose log has about so many events, the last of them a moment before now. The reactors
// have handled all of them. With views, the read models know them too.
func fillLog(t testing.TB, at installation.Location, now time.Time, events int, views bool) {
	t.Helper()
	visits := events / filledEvents
	first := now.Add(-time.Duration(visits+2*filledLead) * filledPace).Truncate(time.Second)
	f := &filled{
		manual: openManual(t, at, first), ctx: t.Context(), first: first,
		diaries: make(map[domain.Stream]filledStream[diary.State]),
	}
	defer f.close()
	for n := range filledAccounts {
		f.open(n)
	}
	for _, cmd := range []domain.Command{
		provider.Register{Provider: "alpha", Kind: "simulated"},
		provider.Register{Provider: "beta", Kind: "simulated"},
		route.Set{Country: route.Elsewhere, Providers: []string{"alpha", "beta"}},
	} {
		_, err := f.Engine.Do(f.ctx, commands.ForInstallation(installation.Operator), cmd)
		f.ok(err)
	}
	running := make(map[int]*filledVisitState)
	for n := range visits + filledLead {
		if n < visits {
			running[n] = f.book(n)
		}
		if sent := n - filledLead/2; sent >= 0 && sent < visits {
			f.remind(sent, running[sent])
		}
		if held := n - filledLead; held >= 0 {
			f.hold(held, running[held])
			delete(running, held)
		}
	}
	f.week(now)
	head := f.head()
	for _, reactor := range []string{"books", "dispatch", "webhooks"} {
		f.ok(f.State.SaveCheckpoint(f.ctx, reactor, head))
	}
	if views {
		_, err := f.Projector.CatchUp(f.ctx)
		f.ok(err)
	}
}

// week books twenty visits a day in a room, in the week that begins a week from now.
func (f *filled) week(now time.Time) {
	f.t.Helper()
	f.clock.at = now
	for n := range 7 * 20 {
		_, err := f.Booking.Book(f.ctx, commands.ForAccount(filledAccount(0), installation.Operator), booking.Order{
			Appointment: domain.DeriveID[domain.AppointmentID]("week", n), Account: filledAccount(0),
			Client: filledClient(0, n%filledClients), Service: filledService(0, 0),
			Start: filledWeek(now).Start.Add(time.Duration(n/20)*24*time.Hour + time.Duration(n%20)*time.Hour),
		})
		f.ok(err)
	}
}

func filledWeek(now time.Time) domain.Interval {
	start := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 7)
	return domain.Interval{Start: start, End: start.AddDate(0, 0, 7)}
}

// open opens an account with its rooms, services and clients.
func (f *filled) open(n int) {
	f.t.Helper()
	id := filledAccount(n)
	settings, err := account.NewSettings(account.Form{
		Name: fmt.Sprint("Practice ", n), Email: "desk@example.com", Zone: "UTC", Locale: "en-GB", Country: "GB",
	})
	f.ok(err)
	cmds := []domain.Command{account.Open{Account: id, Settings: settings}, credit.Purchase{
		Because:  credit.Because{Account: id.String(), Cause: "filled", RecordedAt: f.Engine.Now()},
		Purchase: "opening", Amount: 1e15,
	}}
	for room := range filledRooms {
		profile, err := resource.NewProfile(fmt.Sprint("Room ", room), "room", 1)
		f.ok(err)
		hours, err := resource.NewWeeklyHours(filledRoom(n, room), "UTC", []resource.Hours{
			{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"},
		})
		f.ok(err)
		cmds = append(cmds, resource.Add{Resource: filledRoom(n, room), Account: id, Profile: profile}, hours,
			service.Define{Service: filledService(n, room), Account: id, Policy: service.Policy{
				Name: "Visit", DurationMin: int(filledVisit / time.Minute), Requirements: []service.Requirement{
					{AnyOf: []service.Choice{{Resource: filledRoom(n, room), Units: 1}}},
				},
			}})
	}
	for who := range filledClients {
		contact, err := client.NewContact(client.Form{
			Name: fmt.Sprint("Client ", who), Phone: fmt.Sprintf("+44785%02d%05d", n, who), Country: "GB",
		})
		f.ok(err)
		cmds = append(cmds, client.Register{Client: filledClient(n, who), Account: id, Contact: contact})
	}
	for _, cmd := range cmds {
		_, err := f.Engine.Do(f.ctx, commands.ForAccount(id, installation.Operator), cmd)
		f.ok(err)
	}
	var revision domain.Revision
	f.credits[n], revision, err = commands.Load(f.ctx, f.Engine, credit.Decider, credit.StreamOf(id))
	f.ok(err)
	f.ledgers[n] = revision
}

// book books visit number n: three events.
func (f *filled) book(n int) *filledVisitState {
	now := f.first.Add(time.Duration(n) * filledPace)
	owner, room := n%filledAccounts, n/filledAccounts%filledRooms
	id := domain.DeriveID[domain.AppointmentID]("filled", n)
	start := now.Add(filledLead * filledPace).Truncate(15 * time.Minute)
	during := domain.Interval{Start: start, End: start.Add(filledVisit)}
	s := &filledVisitState{
		visit: filledStream[appointment.State]{at: domain.NoStream}, text: filledStream[message.State]{at: domain.NoStream},
	}
	stream := appointment.StreamOf(id)
	f.visit(owner, now, &s.visit, stream, appointment.Request{
		Appointment: id, Account: filledAccount(owner), Client: filledClient(owner, n/filledAccounts%filledClients),
		Service: filledService(owner, room), Until: now.Add(time.Minute), Visit: appointment.Visit{
			Start: during.Start, End: during.End, Local: start.Format("2006-01-02T15:04:05"), Zone: "UTC",
			Legs: []appointment.Leg{{Resource: filledRoom(owner, room), Units: 1, Interval: during}},
		},
	})
	hold := diary.Hold{
		Resource: filledRoom(owner, room), Month: diary.MonthOf(start), Appointment: id, Interval: during, Units: 1,
		Capacity: 1, Until: now.Add(time.Minute),
	}
	month, known := f.diaries[hold.Stream()]
	if !known {
		month.at = domain.NoStream
	}
	write(f, owner, now, diary.Decider, hold.Stream(), &month, diary.Command(hold))
	f.diaries[hold.Stream()] = month
	f.visit(owner, now, &s.visit, stream, appointment.Book{Appointment: id})
	return s
}

// remind sends the reminder of visit number n: six events.
func (f *filled) remind(n int, s *filledVisitState) {
	now := f.first.Add(time.Duration(n+filledLead/2) * filledPace)
	owner := n % filledAccounts
	id, visit := domain.DeriveID[domain.MessageID]("filled", n), s.visit.state.Attempts[0].Visit
	stream := message.Stream(id)
	carrier := []string{"alpha", "beta"}[n%2]
	f.text(owner, now, &s.text, stream, message.QueueReminder{
		Message: id, Rule: "before", Letter: message.Letter{
			Account: filledAccount(owner), Client: s.visit.state.Client,
			Appointment: domain.DeriveID[domain.AppointmentID]("filled", n), Channel: message.SMS,
			To:      domain.Secret(fmt.Sprintf("+44785%02d%05d", owner, n/filledAccounts%filledClients)),
			Country: "GB", Text: domain.Secret("Your visit is at " + visit.Local + ". Reply STOP to get no more texts."),
			Segments: 1, UnitPrice: 800_000, ScheduledFor: now, UsefulUntil: visit.Start,
		},
	})
	f.pay(owner, now, credit.Hold{
		Because: f.because(owner, id, 1, now), Message: id.String(), Segments: 1, UnitPrice: 800_000, Country: "GB", Home: "UTC",
	})
	f.text(owner, now, &s.text, stream, message.StartAttempt{
		Message: id, Attempt: 1, Provider: carrier, Country: "GB", Reference: messaging.ReferenceOf(id, 1), At: now,
	})
	f.text(owner, now, &s.text, stream, message.Accept{
		Message: id, Attempt: 1, ProviderID: "SM" + id.String(), At: now,
	})
	f.pay(owner, now, credit.Accept{
		Because: f.because(owner, id, 2, now), Message: id.String(), Attempt: 1, Provider: carrier, SentAt: now,
	})
	now = now.Add(10 * time.Second)
	f.text(owner, now, &s.text, stream, message.Report{
		Message: id, Attempt: 1, State: string(message.Delivered), At: now,
	})
}

// hold lets visit number n take place: two events.
func (f *filled) hold(n int, s *filledVisitState) {
	now := f.first.Add(time.Duration(n+filledLead) * filledPace)
	id := domain.DeriveID[domain.AppointmentID]("filled", n)
	for _, cmd := range []appointment.Command{
		appointment.Arrive{Appointment: id, At: now}, appointment.Fulfil{Appointment: id, At: now},
	} {
		f.visit(n%filledAccounts, now, &s.visit, appointment.StreamOf(id), cmd)
	}
}

func (f *filled) because(owner int, text domain.MessageID, n int, now time.Time) credit.Because {
	return credit.Because{
		Account: filledAccount(owner).String(), Cause: domain.DeriveUUID(text, n).String(), RecordedAt: domain.Microseconds(now),
	}
}

func (f *filled) pay(owner int, now time.Time, cmd credit.Command) {
	ledger := filledStream[credit.State]{f.credits[owner], f.ledgers[owner]}
	write(f, owner, now, credit.Decider, credit.StreamOf(filledAccount(owner)), &ledger, cmd)
	f.credits[owner], f.ledgers[owner] = ledger.state, ledger.at
}

func (f *filled) visit(
	owner int, now time.Time, to *filledStream[appointment.State], stream domain.Stream, cmd appointment.Command,
) {
	f.t.Helper()
	write(f, owner, now, appointment.Decider, stream, to, cmd)
}

func (f *filled) text(
	owner int, now time.Time, to *filledStream[message.State], stream domain.Stream, cmd message.Command,
) {
	f.t.Helper()
	write(f, owner, now, message.Decider, stream, to, cmd)
}

// write decides a command and appends its events.
func write[S any, C domain.Command, E domain.Event](
	f *filled, owner int, now time.Time, decider domain.Decider[S, C, E], stream domain.Stream, to *filledStream[S], cmd C,
) {
	f.t.Helper()
	events, err := decider.Decide(to.state, cmd)
	f.ok(err)
	meta := domain.Metadata{
		Account: filledAccount(owner), Actor: domain.Actor{ID: "desk", Channel: "api"}, Correlation: uuid.New(),
		OccurredAt: domain.Microseconds(now), RecordedAt: domain.Microseconds(now),
	}
	stored := make([]domain.Stored, len(events))
	for i, event := range events {
		to.state = decider.Evolve(to.state, event)
		one, err := f.Codec.Encode(uuid.New(), event, meta)
		f.ok(err)
		stored[i] = domain.Entry{
			Stored: one, Stream: stream, Revision: to.at + domain.Revision(i) + 1, Rest: len(events) - 1 - i,
		}.WithChecksum()
	}
	_, err = f.Events.Append(f.ctx, stream, to.at, stored)
	f.ok(err)
	to.at += domain.Revision(len(stored))
	f.events += len(stored)
}
