package demo

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
)

// Clients book, move and confirm, and every event that the demo causes by itself says so.
func TestClientsGoOnAndAreMarkedAsSimulated(t *testing.T) {
	w := served(t)
	w.ok(w.machine.Settle(t.Context()))
	head, err := w.in.Events.Head(t.Context())
	w.ok(err)
	changed := 0
	for range 40 {
		did, err := w.demo.traffic.change(t.Context())
		if w.ok(err); did {
			changed++
		}
		w.ok(w.machine.Settle(t.Context()))
	}
	if changed < 20 {
		t.Errorf("only %d of 40 clients changed something", changed)
	}
	if did, err := w.demo.traffic.confirm(t.Context()); err != nil || !did {
		t.Errorf("confirm returned %t, %v", did, err)
	}
	kinds := make(map[string]int)
	for entry, err := range w.in.Events.ReadAll(t.Context(), head, domain.Filter{
		Types: domain.NamesOf(appointment.Requested{}, appointment.RescheduleRequested{}, appointment.Confirmed{}),
	}) {
		w.ok(err)
		recorded, err := w.in.Codec.Decode(entry)
		w.ok(err)
		if actor := recorded.Meta.Actor; actor != simulation {
			t.Errorf("%s is by %+v, want the demo's own actor", entry.Type, actor)
		}
		kinds[entry.Type]++
	}
	if len(kinds) < 3 {
		t.Errorf("want bookings, moves and a confirmation: %v", kinds)
	}
	w.balanced()
}

// As the day goes on, clients come, and their visits end.
func TestClientsComeAndGo(t *testing.T) {
	w := served(t)
	w.ok(w.machine.Settle(t.Context()))
	w.demo.Clock.AdvanceTo(w.demo.Clock.Now().Add(2 * time.Hour))
	w.ok(w.demo.traffic.mark(t.Context()))
	w.ok(w.machine.Settle(t.Context()))
	w.ok(w.demo.traffic.mark(t.Context()))
	w.ok(w.machine.Settle(t.Context()))
	now := w.demo.Clock.Now()
	found, err := projections.Calendar{DB: w.in.Views}.Find(t.Context(), w.demo.plan.clinic.account, projections.Selection{
		During: domain.Interval{Start: now.Add(-4 * time.Hour), End: now},
	})
	w.ok(err)
	kept := 0
	for _, one := range found {
		switch over := !now.Before(one.Visit.End); {
		case one.Status == appointment.StatusBooked && over:
			t.Errorf("the visit at %s is over and still booked", one.Visit.Local)
		case one.Status == appointment.StatusFulfilled || one.Status == appointment.StatusArrived:
			kept++
		}
	}
	if kept == 0 {
		t.Errorf("nobody of %d came", len(found))
	}
}

// What somebody books by hand in the demo is not moved or marked by it.
func TestVisitsBookedByHandAreLeftAlone(t *testing.T) {
	w := served(t)
	w.ok(w.machine.Settle(t.Context()))
	clinic := w.demo.plan.clinic
	start, err := w.demo.start(t.Context())
	w.ok(err)
	id := domain.DeriveID[domain.AppointmentID]("by hand")
	_, err = w.in.Booking.Book(t.Context(), clinic.as("by hand"), booking.Order{
		Appointment: id, Account: clinic.account, Client: clinic.client(0), Service: clinic.service, Start: start,
		Resource: clinic.resource(clinic.staff[0].name),
	})
	w.ok(err)
	w.ok(w.machine.Settle(t.Context()))
	ahead, err := w.demo.traffic.ahead(t.Context(), clinic)
	w.ok(err)
	for _, one := range ahead {
		if one.ID == id {
			t.Error("the demo would move a visit that somebody has booked")
		}
	}
	if len(ahead) == 0 {
		t.Error("the demo has no visits ahead")
	}
	// The start that the README books is one that two therapists have free.
	free, err := w.in.Openings.Between(t.Context(), openings.Question{
		Account: clinic.account, Service: clinic.service, Now: w.in.Engine.Now(),
	}, domain.Interval{Start: start, End: start.Add(time.Minute)})
	if w.ok(err); len(free) == 0 {
		t.Errorf("with one therapist booked at %s, no other one is free", start)
	}
}
