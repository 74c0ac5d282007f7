package booking_test

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/zones"
)

// vancouver gives Vancouver the rules of another zone until the test ends.
func vancouver(t *testing.T, rules string) {
	t.Helper()
	table, err := zones.Read(fstest.MapFS{"America/Vancouver": {Data: zones.Embedded().Rules(rules)}}, rules, zones.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	zones.Use(table)
	t.Cleanup(func() { zones.Use(nil) })
}

// promised books an hour of the room at a local time of Vancouver, by the table in force.
func promised(t *testing.T, w *commandstest.World, key, local string) booking.Promise {
	t.Helper()
	zone, err := domain.ParseZone("America/Vancouver")
	w.Ok(err)
	start, err := time.ParseInLocation("2006-01-02T15:04:05", local, zone)
	w.Ok(err)
	order := recorded(w, key, start.UTC(), 1)
	order.Recorded.Local, order.Recorded.Zone = local, zone.String()
	_, err = w.Bookings.Book(t.Context(), w.Origin(), order)
	w.Ok(err)
	return booking.Promise{Appointment: order.Appointment, Start: start.UTC(), Local: local, Zone: zone.String()}
}

func current(w *commandstest.World, id domain.AppointmentID) (appointment.State, string) {
	w.T.Helper()
	state, _, err := commands.Load(w.T.Context(), w.Engine, appointment.Decider, appointment.StreamOf(id))
	w.Ok(err)
	now, _ := state.Current()
	return state, now.Visit.Start.Format("15:04")
}

// Three visits fill the morning without a gap, so each must move into the time of its neighbour.
func TestAdjustKeepsTheLocalTimes(t *testing.T) {
	for rules, want := range map[string]string{"America/Phoenix": "17:00", "Pacific/Honolulu": "20:00"} {
		w := commandstest.NewWorld(t)
		vancouver(t, "America/Los_Angeles")
		promises := []booking.Promise{
			promised(t, w, "b", "2016-12-15T10:00:00"), promised(t, w, "a", "2016-12-15T09:00:00"),
			promised(t, w, "c", "2016-12-15T11:00:00"),
		}
		w.Do(appointment.Confirm{Appointment: promises[0].Appointment})
		if done, err := w.Bookings.Adjust(t.Context(), w.Account, promises); err != nil || done != (booking.Adjusted{}) {
			t.Errorf("by the table of then, Adjust did %+v, %v", done, err)
		}
		vancouver(t, rules)
		done, err := w.Bookings.Adjust(t.Context(), w.Account, promises)
		if err != nil || done != (booking.Adjusted{Moved: 3}) {
			t.Errorf("%s: Adjust did %+v, %v", rules, done, err)
		}
		state, start := current(w, promises[0].Appointment)
		if start != want || !state.Confirmed || state.Sequence != 1 || state.Promised != 0 {
			t.Errorf("%s: the visit of ten is at %s, want %s, in %+v", rules, start, want, state)
		}
		expectStory(t, w, promises[0].Appointment, "Requested", "Booked", "Confirmed", "RescheduleRequested", "Rescheduled")
		if again, err := w.Bookings.Adjust(t.Context(), w.Account, promises); err != nil || again != (booking.Adjusted{}) {
			t.Errorf("%s: a second Adjust did %+v, %v", rules, again, err)
		}
	}
}

// Somebody else has booked the hour that the promise needs, in a zone whose law is the same.
func TestAdjustPutsCollisionOnTheWorkList(t *testing.T) {
	w := commandstest.NewWorld(t)
	vancouver(t, "America/Los_Angeles")
	promise := promised(t, w, "a", "2016-12-15T10:00:00")
	blocker := recorded(w, "b", promise.Start.Add(-time.Hour), 1)
	_, err := w.Bookings.Book(t.Context(), w.Origin(), blocker)
	w.Ok(err)
	vancouver(t, "America/Phoenix")
	adjust := func(want booking.Adjusted) {
		t.Helper()
		done, err := w.Bookings.Adjust(t.Context(), w.Account, []booking.Promise{promise})
		if err != nil || done != want {
			t.Errorf("Adjust did %+v, %v, want %+v", done, err, want)
		}
	}
	adjust(booking.Adjusted{Collided: 1})
	adjust(booking.Adjusted{})
	expectStory(t, w, promise.Appointment, "Requested", "Booked", "AttentionNeeded")
	if err := w.Bookings.CheckUnits(t.Context(), *recorded(w, "c", promise.Start, 1).Recorded); err == nil {
		t.Error("the old hold is gone")
	}
	w.Cancel(blocker.Appointment)
	adjust(booking.Adjusted{Moved: 1})
	state, start := current(w, promise.Appointment)
	if start != "17:00" || state.NeedsAttention(appointment.ZoneRules, uuid.Nil) {
		t.Errorf("the visit is at %s, in %+v", start, state)
	}
}

func TestAdjustLeavesOthersAlone(t *testing.T) {
	w := commandstest.NewWorld(t)
	vancouver(t, "America/Los_Angeles")
	past, cancelled := promised(t, w, "a", "2016-12-15T10:00:00"), promised(t, w, "b", "2016-12-16T10:00:00")
	w.Cancel(cancelled.Appointment)
	w.Now = past.Start
	vancouver(t, "America/Phoenix")
	done, err := w.Bookings.Adjust(t.Context(), w.Account, []booking.Promise{past, cancelled})
	if err != nil || done != (booking.Adjusted{}) {
		t.Errorf("Adjust did %+v, %v", done, err)
	}
	if got := w.History(appointment.StreamOf(past.Appointment)); !slices.Equal(got, []string{"Requested", "Booked"}) {
		t.Errorf("a visit that has begun has the events %v", got)
	}
}

// The process died after it had asked for the move.
func TestAdjustContinuesAfterCrash(t *testing.T) {
	w := commandstest.NewWorld(t)
	vancouver(t, "America/Los_Angeles")
	promise := promised(t, w, "a", "2016-12-15T10:00:00")
	state, _ := current(w, promise.Appointment)
	visit := state.Attempts[0].Visit
	visit.Start, visit.End = visit.Start.Add(-time.Hour), visit.End.Add(-time.Hour)
	visit.Legs = []appointment.Leg{{Resource: w.Room, Units: 1, Interval: domain.Interval{Start: visit.Start, End: visit.End}}}
	w.Do(appointment.RequestAdjustment{
		Appointment: promise.Appointment, RequestID: domain.DeriveUUID("before the crash"), Visit: visit,
		At: w.Now, Until: w.Now.Add(time.Minute),
	})
	vancouver(t, "America/Phoenix")
	done, err := w.Bookings.Adjust(t.Context(), w.Account, []booking.Promise{promise})
	if err != nil || done != (booking.Adjusted{Moved: 1}) {
		t.Errorf("Adjust did %+v, %v", done, err)
	}
	expectStory(t, w, promise.Appointment, "Requested", "Booked", "RescheduleRequested", "Rescheduled")
}
