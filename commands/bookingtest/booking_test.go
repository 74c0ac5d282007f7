package bookingtest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/domaintest"
)

var chair = domain.ResourceID{UUID: domain.DeriveUUID("chair")}

// staff is the origin of every command at the desk.
var staff = commands.ForAccount(domain.DeriveID[domain.AccountID]("practice"), domain.Actor{})

// desk is a booking protocol on a store of its own, with a clock that tests set.
type desk struct {
	*booking.Protocol
	store *memory.Store
	codec *domain.Codec
	now   time.Time
	units int
}

func newDesk(t *testing.T) *desk {
	codec, err := domain.NewCodec(domaintest.NewVault(), appointment.Types, diary.Types)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{store: memory.New(), codec: codec, now: time.Date(2016, 4, 1, 9, 0, 0, 0, time.UTC), units: 1}
	d.Protocol = &booking.Protocol{
		Engine: commands.NewEngine(d.store, codec, func() time.Time { return d.now },
			commands.Wire(diary.Decider), commands.Wire(appointment.Decider)),
		Units: func(context.Context, domain.ResourceID) (int, error) { return d.units, nil },
	}
	return d
}

func visitAt(day, hour int) appointment.Visit {
	start := time.Date(2016, 4, day, hour, 0, 0, 0, time.UTC)
	interval := domain.Interval{Start: start, End: start.Add(time.Hour)}
	return appointment.Visit{
		Start: interval.Start, End: interval.End, Local: start.Format("2006-01-02T15:04:05"), Zone: "UTC",
		Legs: []appointment.Leg{{Resource: chair, Units: 1, Interval: interval}},
	}
}

func requestOf(key string, visit appointment.Visit) appointment.Request {
	return appointment.Request{
		Appointment: appointment.IDOf(domain.AccountID{}, key), Visit: visit,
		Terms: appointment.Terms{MoveCutoffMin: 60, CancelCutoffMin: 60},
	}
}

// history is the types of a stream's events.
func (d *desk) history(t *testing.T, stream domain.Stream) []string {
	t.Helper()
	var types []string
	for entry, err := range d.store.ReadStream(t.Context(), stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, entry.Type)
	}
	return types
}

func (d *desk) mustBook(t *testing.T, request appointment.Request) {
	t.Helper()
	if _, err := d.Book(t.Context(), staff, request); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) expectHistory(t *testing.T, stream domain.Stream, want ...string) {
	t.Helper()
	if got := d.history(t, stream); !slices.Equal(got, want) {
		t.Fatalf("%s\n got: %v\nwant: %v", stream, got, want)
	}
}

var april = diary.StreamOf(chair, 201604)

func TestBookMoveCancel(t *testing.T) {
	d, request := newDesk(t), requestOf("ann", visitAt(20, 10))
	stream := appointment.StreamOf(request.Appointment)
	booked, err := d.Book(t.Context(), staff, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Book(t.Context(), staff, request)
	if err != nil || again != booked {
		t.Fatalf("asked again, it answered %v (%v) instead of %v", again, err, booked)
	}
	move := appointment.RequestReschedule{
		Appointment: request.Appointment, RequestID: domain.DeriveUUID("later"), Visit: visitAt(20, 10),
	}
	move.Visit.Legs[0].Interval.End = move.Visit.Legs[0].Interval.End.Add(time.Hour) // overlaps what it leaves
	move.Visit.End = move.Visit.Legs[0].Interval.End
	for range 2 {
		if _, err := d.Move(t.Context(), staff, move); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := d.Cancel(t.Context(), staff, appointment.Cancel{Appointment: request.Appointment}); err != nil {
			t.Fatal(err)
		}
	}
	d.expectHistory(t, stream, "Requested", "Booked", "RescheduleRequested", "Rescheduled", "Cancelled")
	d.expectHistory(t, april, "UnitsHeld", "UnitsHeld", "UnitsReleased", "UnitsReleased")
}

func TestTakenSlotIsRefusedForGood(t *testing.T) {
	d, bob := newDesk(t), requestOf("bob", visitAt(20, 10))
	d.mustBook(t, requestOf("ann", visitAt(20, 10)))
	for range 2 {
		if _, err := d.Book(t.Context(), staff, bob); !errors.Is(err, appointment.ErrSlotTaken) {
			t.Fatalf("got %v", err)
		}
	}
	d.expectHistory(t, appointment.StreamOf(bob.Appointment), "Requested", "Abandoned")
	d.expectHistory(t, april, "UnitsHeld")
}

func TestMoveToTakenSlotLeavesTheOldVisit(t *testing.T) {
	d, ann := newDesk(t), requestOf("ann", visitAt(20, 10))
	d.mustBook(t, ann)
	d.mustBook(t, requestOf("bob", visitAt(20, 11)))
	_, err := d.Move(t.Context(), staff, appointment.RequestReschedule{
		Appointment: ann.Appointment, RequestID: domain.DeriveUUID("wish"), Visit: visitAt(20, 11),
	})
	if !errors.Is(err, appointment.ErrSlotTaken) {
		t.Fatalf("got %v", err)
	}
	d.expectHistory(t, appointment.StreamOf(ann.Appointment),
		"Requested", "Booked", "RescheduleRequested", "RescheduleAbandoned")
	d.expectHistory(t, april, "UnitsHeld", "UnitsHeld")
}

// leftover is what a process leaves that crashed after its hold.
func (d *desk) leftover(t *testing.T, request appointment.Request) {
	t.Helper()
	request.Until = d.now.Add(time.Minute)
	leg := request.Visit.Legs[0]
	for _, step := range []domain.Command{request, diary.Hold{
		Resource: leg.Resource, Month: diary.MonthOf(leg.Interval.Start), Appointment: request.Appointment,
		Interval: leg.Interval, Units: leg.Units, Capacity: 1, Until: request.Until,
	}} {
		if _, err := d.Engine.Do(t.Context(), staff, step); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCompetitorHelpsPastTheLimitOnly(t *testing.T) {
	d, crashed := newDesk(t), requestOf("ann", visitAt(20, 10))
	d.leftover(t, crashed)
	if _, err := d.Book(t.Context(), staff, requestOf("bob", visitAt(20, 10))); !errors.Is(err, appointment.ErrSlotTaken) {
		t.Fatalf("in time, bob got %v", err)
	}
	d.now = d.now.Add(2 * time.Minute)
	d.mustBook(t, requestOf("cleo", visitAt(20, 10)))
	d.expectHistory(t, appointment.StreamOf(crashed.Appointment), "Requested", "Abandoned")
	d.expectHistory(t, april, "UnitsHeld", "UnitsReleased", "UnitsHeld")
	if _, err := d.Book(t.Context(), staff, crashed); !errors.Is(err, appointment.ErrExpired) {
		t.Fatalf("asked again, the abandoned request got %v", err)
	}
}

func TestRetryFinishesWhatCrashed(t *testing.T) {
	d, crashed := newDesk(t), requestOf("ann", visitAt(20, 10))
	d.leftover(t, crashed)
	d.mustBook(t, crashed)
	d.expectHistory(t, appointment.StreamOf(crashed.Appointment), "Requested", "Booked")
	d.expectHistory(t, april, "UnitsHeld")
}

func TestSweep(t *testing.T) {
	d, crashed := newDesk(t), requestOf("ann", visitAt(20, 10))
	d.leftover(t, crashed)
	d.mustBook(t, requestOf("bob", visitAt(21, 10)))
	if due := slices.Collect(d.pending(t).Candidates(d.now)); len(due) != 0 {
		t.Fatalf("in time, %v are due", due)
	}
	d.now = d.now.Add(2 * time.Minute)
	due := slices.Collect(d.pending(t).Candidates(d.now))
	if !slices.Equal(due, []domain.AppointmentID{crashed.Appointment}) {
		t.Fatalf("%v are due", due)
	}
	if n, err := d.Sweep(t.Context(), d.now, slices.Values(due)); n != 1 || err != nil {
		t.Fatalf("looked into %d: %v", n, err)
	}
	d.expectHistory(t, appointment.StreamOf(crashed.Appointment), "Requested", "Abandoned")
	if left := d.pending(t).Len(); left != 0 {
		t.Fatalf("%d are unfinished after the sweep", left)
	}
}

// pending folds the whole log.
func (d *desk) pending(t *testing.T) *booking.Pending {
	t.Helper()
	pending := booking.NewPending()
	for entry, err := range d.store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: booking.PendingTypes}) {
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := d.codec.Decode(entry)
		if err != nil {
			t.Fatal(err)
		}
		pending.Apply(recorded)
	}
	return pending
}

func TestChecksAreAskedOnceAndLeaveNoTrace(t *testing.T) {
	d, closed := newDesk(t), domain.Refuse(domain.Disallowed, "outside_hours", "closed")
	answer, asked := error(closed), 0
	d.Check = func(context.Context, appointment.Request) error { asked++; return answer }
	d.CheckMove = func(context.Context, appointment.RequestReschedule) error { asked++; return answer }
	request := requestOf("ann", visitAt(20, 10))
	if _, err := d.Book(t.Context(), staff, request); !errors.Is(err, closed) {
		t.Fatalf("got %v", err)
	}
	d.expectHistory(t, appointment.StreamOf(request.Appointment))
	answer = nil
	d.mustBook(t, request)
	answer = closed // its own booking is in the way by now
	d.mustBook(t, request)
	move := appointment.RequestReschedule{
		Appointment: request.Appointment, RequestID: domain.DeriveUUID("wish"), Visit: visitAt(20, 12),
	}
	if _, err := d.Move(t.Context(), staff, move); !errors.Is(err, closed) {
		t.Fatalf("got %v", err)
	}
	answer = nil
	if _, err := d.Move(t.Context(), staff, move); err != nil {
		t.Fatal(err)
	}
	answer = closed
	if _, err := d.Move(t.Context(), staff, move); err != nil {
		t.Fatal(err)
	}
	if asked != 4 {
		t.Fatalf("the checks were asked %d times", asked)
	}
}

func TestTooManyUnitsIsRefused(t *testing.T) {
	d, request := newDesk(t), requestOf("ann", visitAt(20, 10))
	request.Visit.Legs[0].Units = 2
	if _, err := d.Book(t.Context(), staff, request); !errors.Is(err, diary.ErrTooManyUnits) {
		t.Fatalf("got %v", err)
	}
	if _, err := d.Book(t.Context(), staff, request); !errors.Is(err, appointment.ErrAbandoned) {
		t.Fatalf("asked again, got %v", err)
	}
	d.expectHistory(t, april)
}

func TestDeclinedRequestGivesBackItsHolds(t *testing.T) {
	d, request := newDesk(t), requestOf("ann", visitAt(20, 10))
	d.leftover(t, request)
	if _, err := d.Decline(t.Context(), staff, appointment.Decline{Appointment: request.Appointment}); err != nil {
		t.Fatal(err)
	}
	d.expectHistory(t, april, "UnitsHeld", "UnitsReleased")
	if _, err := d.Book(t.Context(), staff, request); !errors.Is(err, appointment.ErrDeclined) {
		t.Fatalf("got %v", err)
	}
}
