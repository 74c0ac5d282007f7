package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/service"
)

// night is outside the hours of the room.
var night = commandstest.Tuesday.Add(12 * time.Hour)

// recorded returns an order for a visit of the room that was agreed elsewhere.
func recorded(w *commandstest.World, key string, start time.Time, units int) booking.Order {
	order := w.Order(key, time.Time{})
	interval := domain.Interval{Start: start, End: start.Add(time.Hour)}
	order.Recorded = &appointment.Visit{
		Start: interval.Start, End: interval.End, Local: start.Format("2006-01-02T15:04:05"), Zone: "UTC",
		Legs: []appointment.Leg{{Resource: w.Room, Units: units, Interval: interval}},
	}
	return order
}

func expectStory(t *testing.T, w *commandstest.World, id domain.AppointmentID, want ...string) {
	t.Helper()
	if got := w.History(appointment.StreamOf(id)); !slices.Equal(got, want) {
		t.Errorf("the appointment has the events %v, want %v", got, want)
	}
}

func TestBookChecksTheOrderBeforeItWrites(t *testing.T) {
	stranger, erased := domain.DeriveID[domain.ClientID]("stranger"), domain.DeriveID[domain.ClientID]("erased")
	for name, c := range map[string]struct {
		change func(*booking.Order)
		want   error
	}{
		"unknown client":              {func(o *booking.Order) { o.Client = domain.ClientID{} }, client.ErrUnknown},
		"client of another account":   {func(o *booking.Order) { o.Client = stranger }, client.ErrUnknown},
		"erased client":               {func(o *booking.Order) { o.Client = erased }, client.ErrErased},
		"unknown service":             {func(o *booking.Order) { o.Service = domain.ServiceID{} }, service.ErrUnknown},
		"start outside opening hours": {func(o *booking.Order) { o.Start = night }, domain.Refuse(0, "outside_hours", "")},
	} {
		t.Run(name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			w.Register(stranger, domain.DeriveID[domain.AccountID]("other"))
			w.Register(erased, w.Account)
			w.Do(client.Erase{Client: erased})
			orders := []booking.Order{w.Order("a", commandstest.Tuesday)}
			if slices.Contains([]error{client.ErrUnknown, client.ErrErased, service.ErrUnknown}, c.want) {
				orders = append(orders, recorded(w, "a", commandstest.Tuesday, 1))
			}
			for _, order := range orders {
				c.change(&order)
				if _, err := w.Bookings.Book(t.Context(), w.Origin(), order); !errors.Is(err, c.want) {
					t.Errorf("Book returned %v, want %v", err, c.want)
				}
				expectStory(t, w, order.Appointment)
			}
		})
	}
}

func TestSameOrderHasOneEffect(t *testing.T) {
	w := commandstest.NewWorld(t)
	for _, order := range []booking.Order{w.Order("a", commandstest.Tuesday), recorded(w, "b", night, 1)} {
		first, err := w.Bookings.Book(t.Context(), w.Origin(), order)
		w.Ok(err)
		again, err := w.Bookings.Book(t.Context(), w.Origin(), order) // its own booking takes the start by now
		if err != nil || again.Position != first.Position {
			t.Errorf("the same order again returned %v, %v, want %v", again, err, first)
		}
		other := order
		other.Start = order.Start.Add(time.Hour)
		if order.Recorded != nil {
			other = recorded(w, "b", night.Add(time.Hour), 1)
		}
		if _, err := w.Bookings.Book(t.Context(), w.Origin(), other); !errors.Is(err, appointment.ErrKeyReused) {
			t.Errorf("another start under the same id returned %v, want key_reused", err)
		}
		expectStory(t, w, order.Appointment, "Requested", "Booked")
	}
}

// A process crashed after the request. The service changes, and the same order continues with the visit of then.
func TestSameOrderContinuesAfterCrash(t *testing.T) {
	w := commandstest.NewWorld(t)
	order := w.Order("a", commandstest.Tuesday)
	request, err := w.Bookings.Request(t.Context(), order)
	w.Ok(err)
	request.Until = w.Now.Add(time.Minute)
	w.Do(request, service.Retire{Service: w.Service}, client.Erase{Client: w.Ana})
	_, err = w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	expectStory(t, w, order.Appointment, "Requested", "Booked")
}

func TestRecordedVisitIgnoresHoursAndTakesUnits(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Do(service.Change{Service: w.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 60, MoveCutoffMin: 30, CancelCutoffMin: 40, Requirements: []service.Requirement{
			{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
		},
	}})
	order := recorded(w, "a", night, 1)
	_, err := w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	state, _, err := commands.Load(t.Context(), w.Engine, appointment.Decider, appointment.StreamOf(order.Appointment))
	w.Ok(err)
	if want := (appointment.Terms{Version: 2, MoveCutoffMin: 30, CancelCutoffMin: 40}); state.Terms != want {
		t.Errorf("the terms are %+v, want those of the service, %+v", state.Terms, want)
	}
	_, err = w.Bookings.Book(t.Context(), w.Origin(), recorded(w, "b", night, 1))
	if !errors.Is(err, diary.ErrSlotTaken) {
		t.Errorf("a second visit in one unit returned %v, want slot_taken", err)
	}
}

func TestCheckUnitsRefusesWhatDoesNotFit(t *testing.T) {
	w := commandstest.NewWorld(t)
	taken := recorded(w, "a", night, 1)
	_, err := w.Bookings.Book(t.Context(), w.Origin(), taken)
	w.Ok(err)
	check := func(start time.Time, units int) error {
		return w.Bookings.CheckUnits(t.Context(), *recorded(w, "b", start, units).Recorded)
	}
	for _, c := range []struct {
		start time.Time
		units int
		want  error
	}{{night, 1, diary.ErrSlotTaken}, {night.Add(time.Hour), 2, diary.ErrTooManyUnits}} {
		err := check(c.start, c.units)
		var short *booking.Shortage
		if !errors.Is(err, c.want) || !errors.As(err, &short) || short.Units != 1 || short.Leg.Units != c.units {
			t.Errorf("%d units at %s returned %+v, want %v with the 1 unit of the room", c.units, c.start, err, c.want)
		}
		if refusal, refused := domain.AsRefusal(err); !refused || !errors.Is(refusal, c.want) {
			t.Errorf("the refusal of %v is %v, want %v", err, refusal, c.want)
		}
	}
	w.Ok(check(night.Add(time.Hour), 1))
	w.Cancel(taken.Appointment)
	w.Ok(check(night, 1))
}

// An expired request still holds the unit. Book would release it, so CheckUnits accepts.
func TestCheckUnitsIgnoresExpiredHolds(t *testing.T) {
	w := commandstest.NewWorld(t)
	request, err := w.Bookings.Request(t.Context(), recorded(w, "a", night, 1))
	w.Ok(err)
	request.Until = w.Now.Add(time.Minute)
	leg := request.Visit.Legs[0]
	w.Do(request, diary.Hold{
		Resource: leg.Resource, Month: diary.MonthOf(leg.Interval.Start), Appointment: request.Appointment,
		Interval: leg.Interval, Units: 1, Capacity: 1, Until: request.Until,
	})
	next := recorded(w, "b", night, 1)
	if err := w.Bookings.CheckUnits(t.Context(), *next.Recorded); !errors.Is(err, diary.ErrSlotTaken) {
		t.Errorf("before the limit CheckUnits returned %v, want slot_taken", err)
	}
	w.Now = w.Now.Add(2 * time.Minute)
	w.Ok(w.Bookings.CheckUnits(t.Context(), *next.Recorded))
	_, err = w.Bookings.Book(t.Context(), w.Origin(), next)
	w.Ok(err)
	expectStory(t, w, request.Appointment, "Requested", "Abandoned")
}

func TestMoveChecksBeforeItWrites(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Book("a", commandstest.Tuesday)
	none, old := domain.AppointmentID{}, domain.Revision(0)
	valid := booking.Move{
		Appointment: id, Account: w.Account, Start: commandstest.Tuesday.Add(time.Hour), By: appointment.Staff,
	}
	for name, c := range map[string]struct {
		change func(*booking.Move)
		want   error
	}{
		"another account":             {func(m *booking.Move) { m.Account = practice }, appointment.ErrUnknown},
		"unknown appointment":         {func(m *booking.Move) { m.Appointment = none }, appointment.ErrUnknown},
		"start outside opening hours": {func(m *booking.Move) { m.Start = night }, domain.Refuse(0, "outside_hours", "")},
		"changed since it was read":   {func(m *booking.Move) { m.Expected = &old }, domain.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			move := valid
			c.change(&move)
			origin := w.Origin().WithID(domain.DeriveUUID(name))
			if _, err := w.Bookings.Move(t.Context(), origin, move); !errors.Is(err, c.want) {
				t.Errorf("Move returned %v, want %v", err, c.want)
			}
			expectStory(t, w, id, "Requested", "Booked")
		})
	}
}

func TestCancelChecksBeforeItWrites(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Book("a", commandstest.Tuesday)
	old := domain.Revision(0)
	for name, c := range map[string]struct {
		cancellation booking.Cancellation
		want         error
	}{
		"another account":     {booking.Cancellation{Appointment: id, Account: practice}, appointment.ErrUnknown},
		"unknown appointment": {booking.Cancellation{Account: w.Account}, appointment.ErrUnknown},
		"changed since it was read": {
			booking.Cancellation{Appointment: id, Account: w.Account, Expected: &old}, domain.ErrConflict,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.cancellation.By = appointment.Staff
			if _, err := w.Bookings.Cancel(t.Context(), w.Origin(), c.cancellation); !errors.Is(err, c.want) {
				t.Errorf("Cancel returned %v, want %v", err, c.want)
			}
			expectStory(t, w, id, "Requested", "Booked")
		})
	}
}

func TestSameMoveHasOneEffect(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Book("a", commandstest.Tuesday)
	origin := w.Origin().WithID(domain.DeriveUUID("move"))
	read := domain.Revision(1)
	move := booking.Move{
		Appointment: id, Account: w.Account, Start: commandstest.Tuesday.Add(2 * time.Hour), By: appointment.Staff,
		Expected: &read,
	}
	first, err := w.Bookings.Move(t.Context(), origin, move)
	w.Ok(err)
	again, err := w.Bookings.Move(t.Context(), origin, move) // its own effect has changed the revision
	if err != nil || again.Position != first.Position {
		t.Errorf("the same move again returned %v, %v, want %v", again, err, first)
	}
	move.Start = move.Start.Add(time.Hour)
	if _, err := w.Bookings.Move(t.Context(), origin, move); !errors.Is(err, appointment.ErrKeyReused) {
		t.Errorf("another start under the same id returned %v, want key_reused", err)
	}
	expectStory(t, w, id, "Requested", "Booked", "RescheduleRequested", "Rescheduled")
}

func TestMoveMayOverlapItsOwnVisit(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Do(service.Change{Service: w.Service, Policy: service.Policy{
		Name: "Visit", DurationMin: 60, IntervalMin: 30, Requirements: []service.Requirement{
			{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
		},
	}})
	order := w.Order("a", commandstest.Tuesday)
	_, err := w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	origin := w.Origin().WithID(domain.DeriveUUID("move"))
	_, err = w.Bookings.Move(t.Context(), origin, booking.Move{
		Appointment: order.Appointment, Account: w.Account, Start: order.Start.Add(30 * time.Minute), By: appointment.Staff,
	})
	w.Ok(err)
	if free := w.Free(commandstest.Tuesday); slices.Contains(free, "15:30") || slices.Contains(free, "16:00") {
		t.Errorf("after the move to 15:30 the starts are %v", free)
	}
}

func TestDeclinedOrderStaysDeclined(t *testing.T) {
	w := commandstest.NewWorld(t)
	order := w.Order("a", commandstest.Tuesday)
	request, err := w.Bookings.Request(t.Context(), order)
	w.Ok(err)
	request.Until = w.Now.Add(time.Minute)
	w.Do(request)
	_, err = w.Bookings.Decline(t.Context(), w.Origin(), appointment.Decline{Appointment: order.Appointment})
	w.Ok(err)
	if _, err := w.Bookings.Book(t.Context(), w.Origin(), order); !errors.Is(err, appointment.ErrDeclined) {
		t.Errorf("the order again returned %v, want request_declined", err)
	}
}
