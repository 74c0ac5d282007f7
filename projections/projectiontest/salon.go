package projectiontest

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// ID returns the UUID that ends with this byte.
func ID(n byte) uuid.UUID { return uuid.UUID{15: n} }

// A salon in Vitória with one service, one chair and two clients, and an account that has nothing. Monday is nine in
// the morning there.
var (
	Acme    = domain.AccountID{UUID: ID(1)}
	Other   = domain.AccountID{UUID: ID(2)}
	Haircut = domain.ServiceID{UUID: ID(3)}
	Chair   = domain.ResourceID{UUID: ID(4)}
	Anna    = domain.ClientID{UUID: ID(5)}
	Bruno   = domain.ClientID{UUID: ID(6)}
	Monday  = time.Date(2016, 5, 2, 12, 0, 0, 0, time.UTC)
)

// Visit returns the id of the n-th appointment.
func Visit(n byte) domain.AppointmentID { return domain.AppointmentID{UUID: ID(100 + n)} }

// Message returns the id of the n-th message.
func Message(n byte) domain.MessageID { return domain.MessageID{UUID: ID(200 + n)} }

// On appends events to a stream of the salon.
func On(stream domain.Stream, at time.Time, events ...domain.Event) Append {
	return Append{Account: Acme, At: at, Stream: stream, Events: events}
}

// Story joins appends.
func Story(parts ...[]Append) []Append { return slices.Concat(parts...) }

// Opened opens the salon.
func Opened() []Append {
	return []Append{
		On(account.Stream(Acme), Monday, account.AccountOpened{Account: Acme, Settings: account.Settings{
			Name: domain.Secret("Salon Vitória"), Zone: "America/Sao_Paulo", Locale: "pt-BR", Country: "BR",
		}}, account.ReminderRulesSet{Account: Acme, Rules: []account.ReminderRule{
			{ID: "day-before", LeadMin: 24 * 60, Channel: "sms"},
		}}),
		On(service.Stream(Haircut), Monday, service.ServiceDefined{
			Service: Haircut, Account: Acme, Policy: service.Policy{Name: "Haircut", DurationMin: 30},
		}),
		On(resource.Stream(Chair), Monday, resource.ResourceAdded{
			Resource: Chair, Account: Acme, Profile: resource.Profile{Name: domain.Secret("Chair by the window"), Units: 1},
		}),
		On(client.Stream(Anna), Monday, client.ClientRegistered{Client: Anna, Account: Acme, Contact: client.Contact{
			Name: domain.Secret("Anna Conceição"), Phone: domain.Secret("+5527999990001"), Country: "BR",
			Email: domain.Secret("anna@example.com"),
		}}),
		On(client.Stream(Bruno), Monday, client.ClientRegistered{Client: Bruno, Account: Acme, Contact: client.Contact{
			Name: domain.Secret("Bruno Álvares"), Phone: domain.Secret("+5527999990002"), Country: "BR",
		}}),
	}
}

// VisitAt returns a visit of half an hour in the chair, with the local time of São Paulo in winter.
func VisitAt(start time.Time) appointment.Visit {
	during := domain.Interval{Start: start, End: start.Add(30 * time.Minute)}
	return appointment.Visit{
		Start: during.Start, End: during.End, Zone: "America/Sao_Paulo",
		Local: start.Add(-3 * time.Hour).Format("2006-01-02T15:04:05"),
		Legs:  []appointment.Leg{{Resource: Chair, Units: 1, Interval: during}},
	}
}

// Requested requests an appointment and holds its leg.
func Requested(a domain.AppointmentID, who domain.ClientID, at, start time.Time) []Append {
	visit, until := VisitAt(start), at.Add(time.Minute)
	return append([]Append{On(appointment.StreamOf(a), at, appointment.Requested{
		Appointment: a, Account: Acme, Client: who, Service: Haircut, Visit: visit, Until: until,
	})}, held(a, 0, visit, at, until)...)
}

func held(a domain.AppointmentID, sequence int, visit appointment.Visit, at, until time.Time) (appends []Append) {
	for _, leg := range visit.Legs {
		for _, month := range diary.Months(leg.Interval) {
			appends = append(appends, On(diary.StreamOf(leg.Resource, month), at, diary.UnitsHeld{
				Resource: leg.Resource, Appointment: a, Sequence: sequence, Interval: leg.Interval, Units: leg.Units,
				Until: until,
			}))
		}
	}
	return appends
}

func released(a domain.AppointmentID, sequence int, start time.Time) Append {
	leg := VisitAt(start).Legs[0]
	return On(diary.StreamOf(leg.Resource, diary.MonthOf(start)), Monday, diary.UnitsReleased{
		Resource: leg.Resource, Appointment: a, Sequence: sequence, Interval: leg.Interval,
	})
}

// Booked requests and books an appointment.
func Booked(a domain.AppointmentID, who domain.ClientID, at, start time.Time) []Append {
	return append(Requested(a, who, at, start), On(appointment.StreamOf(a), at, appointment.Booked{
		Appointment: a, Account: Acme, Client: who, Service: Haircut, Visit: VisitAt(start),
	}))
}

// Moved moves an appointment for the first time.
func Moved(a domain.AppointmentID, who domain.ClientID, at, from, to time.Time) []Append {
	until := at.Add(time.Minute)
	return Story([]Append{On(appointment.StreamOf(a), at, appointment.RescheduleRequested{
		Appointment: a, Sequence: 1, Visit: VisitAt(to), Until: until,
	})}, held(a, 1, VisitAt(to), at, until), []Append{
		On(appointment.StreamOf(a), at, appointment.Rescheduled{
			Appointment: a, Account: Acme, Client: who, Service: Haircut, Sequence: 1, Visit: VisitAt(to),
			Before: VisitAt(from),
		}), released(a, 0, from),
	})
}

// Adjusted moves an appointment for the first time, because the rules of its zone have changed.
func Adjusted(a domain.AppointmentID, who domain.ClientID, at, from, to time.Time) []Append {
	visit := VisitAt(to)
	visit.Local = VisitAt(from).Local
	return []Append{On(appointment.StreamOf(a), at, appointment.RescheduleRequested{
		Appointment: a, Sequence: 1, Visit: visit, Until: at.Add(time.Minute), Cause: appointment.ZoneRules,
	}), On(appointment.StreamOf(a), at, appointment.Rescheduled{
		Appointment: a, Account: Acme, Client: who, Service: Haircut, Sequence: 1, Visit: visit, Before: VisitAt(from),
		Cause: appointment.ZoneRules,
	})}
}

// Week opens the salon and books one appointment of each outcome, at noon UTC: 1 is fulfilled on Tuesday, 2 cancelled
// for Wednesday, 3 abandoned for Tuesday, 4 moved from Thursday to Friday, 5 undecided for Saturday.
func Week() []Append {
	at := Monday
	day := func(n int) time.Time { return at.Add(time.Duration(n) * 24 * time.Hour) }
	return Story(
		Opened(),
		Booked(Visit(1), Anna, at, day(1)),
		[]Append{On(appointment.StreamOf(Visit(1)), at, appointment.Fulfilled{Appointment: Visit(1)})},
		Booked(Visit(2), Bruno, at, day(2)),
		[]Append{On(appointment.StreamOf(Visit(2)), at, appointment.Cancelled{
			Appointment: Visit(2), Account: Acme, Client: Bruno, Sequence: 1, Visit: VisitAt(day(2)),
			By: appointment.Client, Reason: domain.Secret("flu, says Bruno"),
		}), released(Visit(2), 0, day(2))},
		Requested(Visit(3), Anna, at, day(1)),
		[]Append{
			On(appointment.StreamOf(Visit(3)), at, appointment.Abandoned{Appointment: Visit(3), Reason: "slot_taken"}),
			released(Visit(3), 0, day(1)),
		},
		Booked(Visit(4), Anna, at, day(3)),
		Moved(Visit(4), Anna, at, day(3), day(4)),
		Requested(Visit(5), Bruno, at, day(5)),
		[]Append{On(appointment.StreamOf(Visit(1)), at, appointment.NoteAdded{
			Appointment: Visit(1), Note: uuid.UUID{1}, Client: Anna, Text: domain.Secret("Anna likes it short"),
		})},
	)
}
