package booking_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
)

func TestPendingHandlesExactlyItsTypes(t *testing.T) {
	for _, r := range commandstest.NewWorld(t).Recorded() {
		err := booking.NewPending().Apply(r)
		switch name := r.Event.EventType(); {
		case slices.Contains(booking.PendingTypes, name) && err != nil:
			t.Errorf("Apply of %s returned %v", name, err)
		case !slices.Contains(booking.PendingTypes, name) && !commandstest.IsUnexpected(err, r):
			t.Errorf("Apply of %s, which is not listed, returned %v, want domain.Unexpected", name, err)
		}
	}
}

// A Pending that begins at Since of another finds what a fold of the whole log does, at once and after more events.
func TestPendingSinceEqualsTheWholeLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := rapid.SliceOfN(rapid.Custom(pendingEvent), 1, 60).Draw(t, "log")
		for i := range log {
			log[i].Position = domain.NewPosition(uint64(i+1), 0)
		}
		whole := booking.NewPending()
		until := rapid.IntRange(0, len(log)).Draw(t, "until")
		apply(t, whole, log[:until])
		since, _ := whole.Since().Pair()
		later := booking.NewPending()
		apply(t, later, log[since:until])
		same := func() {
			if later.Len() != whole.Len() {
				t.Fatalf("%d unfinished since %d, want %d", later.Len(), since, whole.Len())
			}
			for hour := range 4 {
				now := commandstest.Monday.Add(time.Duration(hour)*time.Hour + time.Minute)
				got, want := slices.Collect(later.Candidates(now)), slices.Collect(whole.Candidates(now))
				if !slices.Equal(got, want) {
					t.Fatalf("candidates %v since %d, want %v", got, since, want)
				}
			}
		}
		same()
		for _, event := range log[until:] {
			apply(t, whole, []domain.Recorded{event})
			apply(t, later, []domain.Recorded{event})
			same()
		}
		if got, want := later.Since(), whole.Since(); got != want && want != domain.NewPosition(since, 0) {
			t.Fatalf("since %v, want %v", got, want)
		}
	})
}

// When nothing is unfinished, the next start reads nothing again.
func TestPendingSinceMovesWithTheLog(t *testing.T) {
	pending, last := booking.NewPending(), domain.Position{}
	w := commandstest.NewWorld(t)
	w.Book("a", commandstest.Tuesday)
	for entry, err := range w.Log.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: booking.PendingTypes}) {
		w.Ok(err)
		r, err := w.Codec.Decode(entry)
		w.Ok(err)
		apply(t, pending, []domain.Recorded{r})
		last = r.Position
	}
	if pending.Len() != 0 || pending.Since() != last {
		t.Errorf("%d unfinished since %v, want none since %v", pending.Len(), pending.Since(), last)
	}
}

func apply(t interface{ Fatal(...any) }, pending *booking.Pending, log []domain.Recorded) {
	for _, event := range log {
		if err := pending.Apply(event); err != nil {
			t.Fatal(err)
		}
	}
}

// pendingEvent draws any event that Pending handles, possible in a real log or not.
func pendingEvent(t *rapid.T) domain.Recorded {
	number := rapid.IntRange(0, 2)
	id := domain.DeriveID[domain.AppointmentID](number.Draw(t, "appointment"))
	room := domain.DeriveID[domain.ResourceID](number.Draw(t, "room"))
	sequence := number.Draw(t, "sequence")
	until := commandstest.Monday.Add(time.Duration(number.Draw(t, "until")) * time.Hour)
	start := commandstest.Tuesday.Add(time.Duration(number.Draw(t, "start")) * time.Hour)
	during := domain.Interval{Start: start, End: start.Add(time.Hour)}
	visit := appointment.Visit{Legs: []appointment.Leg{{Resource: room, Interval: during}}}
	if rapid.Bool().Draw(t, "no legs") {
		visit = appointment.Visit{}
	}
	stream := diary.StreamOf(room, diary.MonthOf(start))
	event := rapid.SampledFrom([]domain.Event{
		appointment.Requested{Appointment: id, Until: until},
		appointment.Booked{Appointment: id},
		appointment.Abandoned{Appointment: id},
		appointment.Declined{Appointment: id},
		appointment.RescheduleRequested{Appointment: id, Sequence: sequence, Until: until},
		appointment.Rescheduled{Appointment: id, Sequence: sequence, Revokes: sequence - 1, Before: visit},
		appointment.RescheduleAbandoned{Appointment: id, Sequence: sequence},
		appointment.Cancelled{Appointment: id, Revokes: sequence, Visit: visit},
		appointment.Reinstated{Appointment: id, Sequence: sequence},
		appointment.StartHeld{Appointment: id, Until: until},
		appointment.HoldExtended{Appointment: id, Until: until},
		appointment.DetailsGiven{Appointment: id, Until: until},
		appointment.HoldEnded{Appointment: id},
		diary.UnitsHeld{Resource: room, Appointment: id, Sequence: sequence, Interval: during},
		diary.UnitsReleased{Resource: room, Appointment: id, Sequence: sequence, Interval: during},
	}).Draw(t, "event")
	return domain.Recorded{Stream: stream, Event: event}
}
