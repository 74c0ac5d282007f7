package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/service"
)

var pain = domain.Secret("she is in pain")

func TestBookAgainstTheRulesRecordsWhy(t *testing.T) {
	w := commandstest.NewWorld(t)
	for key, start := range map[string]time.Time{"night": night, "past": w.Now.Add(-48 * time.Hour)} {
		order := w.Order(key, start)
		order.Override = pain
		first, err := w.Bookings.Book(t.Context(), w.Origin(), order)
		w.Ok(err)
		expectStory(t, w, order.Appointment, "Requested", "RulesOverridden", "Booked")
		again, err := w.Bookings.Book(t.Context(), w.Origin(), order)
		if err != nil || again.Position != first.Position {
			t.Errorf("the same order again returned %v, %v, want %v", again, err, first)
		}
		expectStory(t, w, order.Appointment, "Requested", "RulesOverridden", "Booked")
	}
	order := w.Order("no need", commandstest.Tuesday)
	order.Override = pain
	_, err := w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	expectStory(t, w, order.Appointment, "Requested", "Booked")
	order = w.Order("taken", night)
	order.Override = pain
	if _, err := w.Bookings.Book(t.Context(), w.Origin(), order); !errors.Is(err, diary.ErrSlotTaken) {
		t.Errorf("an override of what is taken returned %v, want slot_taken", err)
	}
}

// A process crashed between the request and the record of its override. The same order makes up for it.
func TestOverrideIsRecordedAfterCrash(t *testing.T) {
	w := commandstest.NewWorld(t)
	order := w.Order("a", night)
	order.Override = pain
	request, err := w.Bookings.Request(t.Context(), order)
	w.Ok(err)
	request.Until = w.Now.Add(time.Minute)
	leg := request.Visit.Legs[0]
	w.Do(request, diary.Hold{
		Resource: leg.Resource, Month: diary.MonthOf(leg.Interval.Start), Appointment: request.Appointment,
		Interval: leg.Interval, Units: 1, Capacity: 1, Until: request.Until,
	})
	_, err = w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	expectStory(t, w, order.Appointment, "Requested", "RulesOverridden", "Booked")
}

func TestMoveAgainstTheRulesRecordsWhy(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Book("a", commandstest.Tuesday)
	move := booking.Move{Appointment: id, Account: w.Account, Start: night, By: appointment.Client, Override: pain}
	origin := w.Origin().WithID(domain.DeriveUUID("move"))
	if _, err := w.Bookings.Move(t.Context(), origin, move); !errors.Is(err, booking.ErrOverrideByClient) {
		t.Errorf("an override by the client returned %v, want override_by_client", err)
	}
	move.By = appointment.Staff
	for range 2 {
		_, err := w.Bookings.Move(t.Context(), origin, move)
		w.Ok(err)
		expectStory(t, w, id, "Requested", "Booked", "RescheduleRequested", "RulesOverridden", "Rescheduled")
	}
}

func TestClientsMoveUntilTheCutOff(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Do(service.Change{Service: w.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 60, MoveCutoffMin: 120, Requirements: []service.Requirement{
			{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
		},
	}})
	id := w.Book("a", commandstest.Tuesday)
	move := booking.Move{Appointment: id, Account: w.Account, Start: commandstest.Tuesday.Add(2 * time.Hour)}
	for _, c := range []struct {
		by    appointment.By
		start time.Time
		at    time.Duration // before the appointment
		want  error
	}{
		{appointment.Client, move.Start, 2 * time.Hour, appointment.ErrCutOff},
		{appointment.Client, night, time.Hour, appointment.ErrCutOff}, // the start does not matter any more
		{appointment.Client, move.Start, 2*time.Hour + time.Second, nil},
		{appointment.Staff, commandstest.Tuesday, time.Hour, nil},
	} {
		w.Now = commandstest.Tuesday.Add(-c.at)
		move.By, move.Start = c.by, c.start
		origin := w.Origin().WithID(domain.DeriveUUID("move", string(c.by), c.at.String(), c.start.String()))
		if _, err := w.Bookings.Move(t.Context(), origin, move); !errors.Is(err, c.want) {
			t.Errorf("a move by %s %s before the start returned %v, want %v", c.by, c.at, err, c.want)
		}
	}
	state, _, err := commands.Load(t.Context(), w.Engine, appointment.Decider, appointment.StreamOf(id))
	w.Ok(err)
	if state.Sequence != 2 {
		t.Errorf("the sequence is %d, want 2 after two moves", state.Sequence)
	}
}
