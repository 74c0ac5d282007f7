package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// holdOf holds what a request asks for, for ten minutes.
func (f *fixture) holdOf(t *testing.T, request appointment.Request) error {
	t.Helper()
	_, err := f.Hold(t.Context(), staff, appointment.HoldStart{
		Appointment: request.Appointment, Visit: request.Visit, Since: f.now, Until: f.now.Add(10 * time.Minute),
	})
	return err
}

func TestBookingTakesAHoldOver(t *testing.T) {
	f, ann, ben := newFixture(t), requestOf("ann", visitAt(20, 10)), requestOf("ben", visitAt(20, 10))
	for range 2 {
		if err := f.holdOf(t, ann); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Book(t.Context(), staff, ben); !errors.Is(err, appointment.ErrSlotTaken) {
		t.Fatalf("booking a held start returned %v", err)
	}
	f.mustBook(t, ann)
	f.expectHistory(t, appointment.StreamOf(ann.Appointment), "StartHeld", "Requested", "Booked")
	f.expectHistory(t, april, "UnitsHeld")
	if err := f.holdOf(t, ann); !errors.Is(err, appointment.ErrHoldBooked) {
		t.Errorf("holding what is booked returned %v", err)
	}
}

// TestBookingEndsAHoldPastItsTime shows that nobody waits for the sweeper.
func TestBookingEndsAHoldPastItsTime(t *testing.T) {
	f, ann, ben := newFixture(t), requestOf("ann", visitAt(20, 10)), requestOf("ben", visitAt(20, 10))
	if err := f.holdOf(t, ann); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(10*time.Minute + time.Microsecond)
	f.mustBook(t, ben)
	f.expectHistory(t, appointment.StreamOf(ann.Appointment), "StartHeld", "HoldEnded")
	f.expectHistory(t, april, "UnitsHeld", "UnitsReleased", "UnitsHeld")
	if _, err := f.Book(t.Context(), staff, ann); !errors.Is(err, appointment.ErrHoldEnded) {
		t.Errorf("booking after the hold returned %v", err)
	}
}

func TestHoldPastItsTimeIsBookedIfNobodyWasFaster(t *testing.T) {
	f, ann := newFixture(t), requestOf("ann", visitAt(20, 10))
	if err := f.holdOf(t, ann); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(time.Hour)
	f.mustBook(t, ann)
}

func TestHoldOfATakenStartIsRefusedAndHoldsNothing(t *testing.T) {
	f, ann, ben := newFixture(t), requestOf("ann", visitAt(20, 10)), requestOf("ben", visitAt(20, 10))
	f.mustBook(t, ann)
	for range 2 {
		if err := f.holdOf(t, ben); !errors.Is(err, appointment.ErrSlotTaken) {
			t.Errorf("holding a taken start returned %v", err)
		}
	}
	f.expectHistory(t, appointment.StreamOf(ben.Appointment), "StartHeld", "HoldEnded")
	f.expectHistory(t, april, "UnitsHeld")
}

func TestReleasedHoldIsFree(t *testing.T) {
	f, ann, ben := newFixture(t), requestOf("ann", visitAt(20, 10)), requestOf("ben", visitAt(20, 10))
	if err := f.holdOf(t, ann); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.EndHold(t.Context(), staff, ann.Appointment, appointment.Withdrawn); err != nil {
			t.Fatal(err)
		}
	}
	f.mustBook(t, ben)
	err := f.EndHold(t.Context(), staff, ben.Appointment, appointment.Withdrawn)
	if !errors.Is(err, appointment.ErrHoldUnknown) {
		t.Errorf("releasing an appointment returned %v", err)
	}
}

// TestSweepEndsHoldsOfACrash stops after every step of a hold. Nothing is held for ever, whatever the step.
func TestSweepEndsHoldsOfACrash(t *testing.T) {
	for steps, left := range [][]string{{"StartHeld"}, {"StartHeld", "UnitsHeld"}} {
		f, ann := newFixture(t), requestOf("ann", visitAt(20, 10))
		hold := appointment.HoldStart{Appointment: ann.Appointment, Visit: ann.Visit, Until: f.now.Add(10 * time.Minute)}
		if steps == 0 {
			if _, err := f.Engine.Do(t.Context(), staff, hold); err != nil {
				t.Fatal(err)
			}
		} else if err := f.holdOf(t, ann); err != nil {
			t.Fatal(err)
		}
		pending := f.pending(t)
		if due := slices.Collect(pending.Candidates(f.now.Add(10 * time.Minute))); len(due) > 0 {
			t.Errorf("after %v the hold is swept in time", left)
		}
		f.now = f.now.Add(10*time.Minute + time.Microsecond)
		due := slices.Collect(pending.Candidates(f.now))
		if !slices.Equal(due, []domain.AppointmentID{ann.Appointment}) {
			t.Fatalf("after %v the sweeper looks at %v", left, due)
		}
		if _, err := f.Sweep(t.Context(), f.now, slices.Values(due)); err != nil {
			t.Fatal(err)
		}
		f.expectHistory(t, appointment.StreamOf(ann.Appointment), "StartHeld", "HoldEnded")
		if n := f.pending(t).Len(); n > 0 {
			t.Errorf("after %v and the sweep %d appointments are unfinished", left, n)
		}
		f.mustBook(t, requestOf("ben", visitAt(20, 10)))
	}
}
