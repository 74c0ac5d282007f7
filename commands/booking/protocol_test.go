package booking_test

import (
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
	"github.com/clickbook/clickbook/domain/resource"
)

var chair = domain.ResourceID{UUID: domain.DeriveUUID("chair")}

var practice = domain.DeriveID[domain.AccountID]("practice")

// staff is the origin of every command in these tests.
var staff = commands.ForAccount(practice, domain.Actor{})

// fixture is a booking protocol on its own store, with one chair of one unit and a clock that tests set.
type fixture struct {
	*booking.Protocol
	store *memory.Store
	codec *domain.Codec
	now   time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	codec, err := domain.NewCodec(domaintest.NewVault(), appointment.Types, diary.Types, resource.Types)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{store: memory.New(), codec: codec, now: time.Date(2016, 4, 1, 9, 0, 0, 0, time.UTC)}
	f.Protocol = &booking.Protocol{
		Engine: commands.NewEngine(f.store, codec, func() time.Time { return f.now },
			commands.Wire(diary.Decider), commands.Wire(appointment.Decider), commands.Wire(resource.Decider)),
	}
	profile, err := resource.NewProfile("Chair", "room", 1)
	if err != nil {
		t.Fatal(err)
	}
	add := resource.Add{Resource: chair, Account: practice, Profile: profile}
	if _, err := f.Engine.Do(t.Context(), staff, add); err != nil {
		t.Fatal(err)
	}
	return f
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

// history returns the types of a stream's events.
func (f *fixture) history(t *testing.T, stream domain.Stream) []string {
	t.Helper()
	var types []string
	for entry, err := range f.store.ReadStream(t.Context(), stream, 0) {
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, entry.Type)
	}
	return types
}

func (f *fixture) mustBook(t *testing.T, request appointment.Request) {
	t.Helper()
	if _, err := f.Book(t.Context(), staff, request); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) expectHistory(t *testing.T, stream domain.Stream, want ...string) {
	t.Helper()
	if got := f.history(t, stream); !slices.Equal(got, want) {
		t.Fatalf("%s\n got: %v\nwant: %v", stream, got, want)
	}
}

var april = diary.StreamOf(chair, 201604)

func TestBookMoveCancel(t *testing.T) {
	f, request := newFixture(t), requestOf("ann", visitAt(20, 10))
	stream := appointment.StreamOf(request.Appointment)
	booked, err := f.Book(t.Context(), staff, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.Book(t.Context(), staff, request)
	if err != nil || again.Position != booked.Position {
		t.Fatalf("the same request again returned %v (%v), want %v", again, err, booked)
	}
	move := appointment.RequestReschedule{
		Appointment: request.Appointment, RequestID: domain.DeriveUUID("later"), Visit: visitAt(20, 10),
	}
	move.Visit.Legs[0].Interval.End = move.Visit.Legs[0].Interval.End.Add(time.Hour) // overlaps the old visit
	move.Visit.End = move.Visit.Legs[0].Interval.End
	for range 2 {
		if _, err := f.Move(t.Context(), staff, move); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := f.Cancel(t.Context(), staff, appointment.Cancel{Appointment: request.Appointment}); err != nil {
			t.Fatal(err)
		}
	}
	f.expectHistory(t, stream, "Requested", "Booked", "RescheduleRequested", "Rescheduled", "Cancelled")
	f.expectHistory(t, april, "UnitsHeld", "UnitsHeld", "UnitsReleased", "UnitsReleased")
}

func TestTakenSlotStaysRefused(t *testing.T) {
	f, bob := newFixture(t), requestOf("bob", visitAt(20, 10))
	f.mustBook(t, requestOf("ann", visitAt(20, 10)))
	for range 2 {
		if _, err := f.Book(t.Context(), staff, bob); !errors.Is(err, appointment.ErrSlotTaken) {
			t.Fatalf("Book returned %v, want slot_taken", err)
		}
	}
	f.expectHistory(t, appointment.StreamOf(bob.Appointment), "Requested", "Abandoned")
	f.expectHistory(t, april, "UnitsHeld")
}

func TestMoveToTakenSlotKeepsOldVisit(t *testing.T) {
	f, ann := newFixture(t), requestOf("ann", visitAt(20, 10))
	f.mustBook(t, ann)
	f.mustBook(t, requestOf("bob", visitAt(20, 11)))
	_, err := f.Move(t.Context(), staff, appointment.RequestReschedule{
		Appointment: ann.Appointment, RequestID: domain.DeriveUUID("move"), Visit: visitAt(20, 11),
	})
	if !errors.Is(err, appointment.ErrSlotTaken) {
		t.Fatalf("Move returned %v, want slot_taken", err)
	}
	f.expectHistory(t, appointment.StreamOf(ann.Appointment),
		"Requested", "Booked", "RescheduleRequested", "RescheduleAbandoned")
	f.expectHistory(t, april, "UnitsHeld", "UnitsHeld")
}

// leftover writes what a process leaves that crashes after its hold.
func (f *fixture) leftover(t *testing.T, request appointment.Request) {
	t.Helper()
	request.Until = f.now.Add(time.Minute)
	leg := request.Visit.Legs[0]
	for _, step := range []domain.Command{request, diary.Hold{
		Resource: leg.Resource, Month: diary.MonthOf(leg.Interval.Start), Appointment: request.Appointment,
		Interval: leg.Interval, Units: leg.Units, Capacity: 1, Until: request.Until,
	}} {
		if _, err := f.Engine.Do(t.Context(), staff, step); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCompetitorTakesExpiredHoldOnly(t *testing.T) {
	f, crashed := newFixture(t), requestOf("ann", visitAt(20, 10))
	f.leftover(t, crashed)
	_, err := f.Book(t.Context(), staff, requestOf("bob", visitAt(20, 10)))
	if !errors.Is(err, appointment.ErrSlotTaken) {
		t.Fatalf("before the limit bob got %v, want slot_taken", err)
	}
	f.now = f.now.Add(2 * time.Minute)
	f.mustBook(t, requestOf("cleo", visitAt(20, 10)))
	f.expectHistory(t, appointment.StreamOf(crashed.Appointment), "Requested", "Abandoned")
	f.expectHistory(t, april, "UnitsHeld", "UnitsReleased", "UnitsHeld")
	if _, err := f.Book(t.Context(), staff, crashed); !errors.Is(err, appointment.ErrExpired) {
		t.Fatalf("the abandoned request again got %v, want request_expired", err)
	}
}

func TestRetryFinishesCrashedBooking(t *testing.T) {
	f, crashed := newFixture(t), requestOf("ann", visitAt(20, 10))
	f.leftover(t, crashed)
	f.mustBook(t, crashed)
	f.expectHistory(t, appointment.StreamOf(crashed.Appointment), "Requested", "Booked")
	f.expectHistory(t, april, "UnitsHeld")
}

func TestSweepAbandonsExpiredRequests(t *testing.T) {
	f, crashed := newFixture(t), requestOf("ann", visitAt(20, 10))
	f.leftover(t, crashed)
	f.mustBook(t, requestOf("bob", visitAt(21, 10)))
	if due := slices.Collect(f.pending(t).Candidates(f.now)); len(due) != 0 {
		t.Fatalf("before the limit %v are candidates, want none", due)
	}
	f.now = f.now.Add(2 * time.Minute)
	due := slices.Collect(f.pending(t).Candidates(f.now))
	if !slices.Equal(due, []domain.AppointmentID{crashed.Appointment}) {
		t.Fatalf("%v are candidates, want %v", due, crashed.Appointment)
	}
	if n, err := f.Sweep(t.Context(), f.now, slices.Values(due)); n != 1 || err != nil {
		t.Fatalf("swept %d, %v; want 1", n, err)
	}
	f.expectHistory(t, appointment.StreamOf(crashed.Appointment), "Requested", "Abandoned")
	if left := f.pending(t).Len(); left != 0 {
		t.Fatalf("%d appointments are unfinished after the sweep, want 0", left)
	}
}

// pending folds the whole log into a Pending.
func (f *fixture) pending(t *testing.T) *booking.Pending {
	t.Helper()
	pending := booking.NewPending()
	for entry, err := range f.store.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: booking.PendingTypes}) {
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := f.codec.Decode(entry)
		if err != nil {
			t.Fatal(err)
		}
		if err := pending.Apply(recorded); err != nil {
			t.Fatal(err)
		}
	}
	return pending
}

func TestMoreUnitsThanResourceHasAreRefused(t *testing.T) {
	f, request := newFixture(t), requestOf("ann", visitAt(20, 10))
	request.Visit.Legs[0].Units = 2
	if _, err := f.Book(t.Context(), staff, request); !errors.Is(err, diary.ErrTooManyUnits) {
		t.Fatalf("Book returned %v, want units_exceed_capacity", err)
	}
	if _, err := f.Book(t.Context(), staff, request); !errors.Is(err, appointment.ErrAbandoned) {
		t.Fatalf("the same request again got %v, want request_abandoned", err)
	}
	f.expectHistory(t, april)
}

func TestDeclineReleasesHolds(t *testing.T) {
	f, request := newFixture(t), requestOf("ann", visitAt(20, 10))
	f.leftover(t, request)
	if _, err := f.Decline(t.Context(), staff, appointment.Decline{Appointment: request.Appointment}); err != nil {
		t.Fatal(err)
	}
	f.expectHistory(t, april, "UnitsHeld", "UnitsReleased")
	if _, err := f.Book(t.Context(), staff, request); !errors.Is(err, appointment.ErrDeclined) {
		t.Fatalf("Book returned %v, want request_declined", err)
	}
}
