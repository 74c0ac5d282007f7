package projections_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// hours returns the interval between two hours after Monday noon.
func hours(from, to int) domain.Interval {
	return domain.Interval{
		Start: Monday.Add(time.Duration(from) * time.Hour), End: Monday.Add(time.Duration(to) * time.Hour),
	}
}

func TestCalendarReturnsEachAppointmentWithItsOutcome(t *testing.T) {
	row := func(n byte, who domain.ClientID, name, phone string, start time.Time) projections.Appointment {
		return projections.Appointment{
			ID: Visit(n), Account: Acme, Client: who, Service: Haircut, Visit: VisitAt(start), RequestedAt: Monday,
			ClientName: name, ClientPhone: phone, ServiceName: "Haircut",
		}
	}
	first := row(1, Anna, "Anna Conceição", "+5527999990001", Monday.Add(24*time.Hour))
	first.Status, first.Revision = appointment.StatusFulfilled, 3
	second := row(2, Bruno, "Bruno Álvares", "+5527999990002", Monday.Add(48*time.Hour))
	second.Status, second.Outcome, second.Reason = appointment.StatusCancelled, "client", "flu, says Bruno"
	second.Sequence, second.Revision = 1, 2
	fourth := row(4, Anna, "Anna Conceição", "+5527999990001", Monday.Add(96*time.Hour))
	fourth.Status, fourth.Sequence, fourth.Revision = appointment.StatusBooked, 1, 3
	fifth := row(5, Bruno, "Bruno Álvares", "+5527999990002", Monday.Add(120*time.Hour))
	fifth.Status = appointment.StatusPending
	erased := second
	erased.Reason, erased.ClientName, erased.ClientPhone = "", "", ""
	overridden := appointment.RulesOverridden{
		Appointment: Visit(5), Client: Bruno, Rules: []string{"outside_hours"}, Reason: domain.Secret("Bruno is in pain"),
	}
	against, forgotten := fifth, fifth
	against.Revision, against.Overridden, against.OverrideReason = 1, []string{"outside_hours"}, "Bruno is in pain"
	forgotten.Revision, forgotten.Overridden, forgotten.ClientName, forgotten.ClientPhone = 1, against.Overridden, "", ""
	one := func(n byte) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Calendar.One(ctx, Acme, Visit(n)))
		}
	}
	Run(t, Week(), []Example{
		{
			Name: "a week",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Calendar.Find(ctx, Acme, projections.Selection{During: hours(0, 7*24)})
			},
			Want: []projections.Appointment{first, second, fourth, fifth},
		},
		{Name: "one", Query: one(1), Want: first},
		{Name: "none with that id", Query: one(9)},
		{
			Name: "one of another account",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return Found(read.Calendar.One(ctx, Other, Visit(1)))
			},
		},
		{
			Name:  "one of an erased client",
			Given: []Append{On(client.Stream(Bruno), Monday, client.ClientErased{Client: Bruno, Account: Acme})},
			Query: one(2), Want: erased,
		},
		{
			Name:  "one against the rules",
			Given: []Append{On(appointment.StreamOf(Visit(5)), Monday, overridden)},
			Query: one(5), Want: against,
		},
		{
			Name: "one against the rules of an erased client",
			Given: []Append{
				On(appointment.StreamOf(Visit(5)), Monday, overridden),
				On(client.Stream(Bruno), Monday, client.ClientErased{Client: Bruno, Account: Acme}),
			},
			Query: one(5), Want: forgotten,
		},
		{
			Name: "counts by status",
			Query: func(ctx context.Context, read projections.Reader) (any, error) {
				return read.Calendar.Tally(ctx, Acme)
			},
			Want: map[appointment.Status]int{
				appointment.StatusFulfilled: 1, appointment.StatusCancelled: 1, appointment.StatusEnteredInError: 1,
				appointment.StatusBooked: 1, appointment.StatusPending: 1,
			},
		},
	})
}

func TestCalendarSelects(t *testing.T) {
	inside := func(minutes, toHour int) domain.Interval {
		return domain.Interval{
			Start: Monday.Add(24*time.Hour + time.Duration(minutes)*time.Minute),
			End:   Monday.Add(time.Duration(toHour) * time.Hour),
		}
	}
	chair := []domain.ResourceID{Chair}
	var examples []Example
	for _, c := range []struct {
		name    string
		account domain.AccountID
		in      projections.Selection
		want    []byte
	}{
		{"nothing of another account", Other, projections.Selection{}, nil},
		{"all but abandoned requests", Acme, projections.Selection{}, []byte{1, 2, 4, 5}},
		{"a visit that runs into the interval", Acme, projections.Selection{During: inside(20, 48)}, []byte{1}},
		{"not a visit that ends where the interval starts", Acme, projections.Selection{During: inside(30, 48)}, nil},
		{"a resource", Acme, projections.Selection{During: hours(24, 97), Resources: chair}, []byte{1, 2, 4}},
		{"not the time from which a visit was moved", Acme, projections.Selection{During: hours(72, 73), Resources: chair}, nil},
		{"another resource", Acme, projections.Selection{Resources: []domain.ResourceID{{UUID: ID(9)}}}, nil},
		{"statuses", Acme, projections.Selection{Statuses: []appointment.Status{"cancelled", "entered-in-error"}}, []byte{3, 2}},
		{"a client", Acme, projections.Selection{Client: Bruno}, []byte{2, 5}},
		{"a service and a limit", Acme, projections.Selection{Service: Haircut, Limit: 2}, []byte{1, 2}},
		{"the page after the second", Acme, projections.Selection{
			After: readmodel.Cursor{At: Monday.Add(48 * time.Hour), ID: ID(102)}, Limit: 1,
		}, []byte{4}},
	} {
		example := Example{Name: c.name, Query: func(ctx context.Context, read projections.Reader) (any, error) {
			found, err := read.Calendar.Find(ctx, c.account, c.in)
			var got []byte
			for _, a := range found {
				got = append(got, a.ID.UUID[15]-100)
			}
			return got, err
		}}
		if c.want != nil {
			example.Want = c.want
		}
		examples = append(examples, example)
	}
	Run(t, Week(), examples)
}

// TestCalendarRowEqualsFoldedState decides random commands on one appointment after the other. The row must agree
// with the state that the aggregate folds from the same events: a projection that forgets, for example, that a move
// resets the confirmation fails here.
func TestCalendarRowEqualsFoldedState(t *testing.T) {
	w := New(t, Opened()...)
	run, movedAfterConfirmation := 0, false
	rapid.Check(t, func(rt *rapid.T) {
		run++
		id := domain.DeriveID[domain.AppointmentID]("appointment", run)
		var state appointment.State
		var visit appointment.Visit
		events := drawHistory(rt, id)
		for _, event := range events {
			if _, moves := event.(appointment.Rescheduled); moves && state.Confirmed {
				movedAfterConfirmation = true
			}
			state = appointment.Decider.Evolve(state, event)
			visit = state.Latest().Visit
			w.Append(On(appointment.StreamOf(id), Monday, event))
		}
		w.CatchUp()
		row, ok, err := w.Read.Calendar.One(t.Context(), Acme, id)
		if err != nil || !ok {
			rt.Fatalf("the appointment has no row (error %v)", err)
		}
		got := rowState{row.Status, row.Sequence, row.Confirmed, row.Visit, row.Revision}
		want := rowState{state.Status, state.Sequence, state.Confirmed, visit, domain.Revision(len(events) - 1)}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("after %+v\n  row: %+v\nstate: %+v", events, got, want)
		}
	})
	if !movedAfterConfirmation {
		t.Error("no history has a move after a confirmation: the test proves nothing about it")
	}
}

// rowState is what a row of the calendar and a folded state have in common.
type rowState struct {
	Status    appointment.Status
	Sequence  int
	Confirmed bool
	Visit     appointment.Visit
	Revision  domain.Revision
}

// drawHistory decides commands on a new appointment: the first few of a script, then drawn ones.
func drawHistory(rt *rapid.T, id domain.AppointmentID) (events []appointment.Event) {
	script := []appointment.Command{
		appointment.Book{Appointment: id},
		appointment.Confirm{Appointment: id, At: Monday},
		appointment.RequestReschedule{
			Appointment: id, RequestID: ID(1), Visit: VisitAt(Monday.Add(48 * time.Hour)), Until: Monday.Add(time.Minute),
		},
		appointment.Reschedule{Appointment: id, Sequence: 1},
	}
	commands := append([]appointment.Command{appointment.Request{
		Appointment: id, Account: Acme, Client: Anna, Service: Haircut, Visit: VisitAt(Monday.Add(24 * time.Hour)),
		Until: Monday.Add(time.Minute),
	}}, script[:rapid.IntRange(0, len(script)).Draw(rt, "scripted")]...)
	var state appointment.State
	for n := range len(commands) + rapid.IntRange(1, 20).Draw(rt, "drawn") {
		if n == len(commands) {
			commands = append(commands, drawCommand(rt, id, state))
		}
		decided, err := appointment.Decider.Decide(state, commands[n])
		if err != nil {
			continue // refused
		}
		state = appointment.Decider.Fold(append(events, decided...)...)
		events = append(events, decided...)
	}
	return events
}

// drawCommand draws the next command to an appointment. Three of four commands book, move and confirm it.
func drawCommand(rt *rapid.T, id domain.AppointmentID, state appointment.State) appointment.Command {
	at := Monday.Add(time.Duration(rapid.IntRange(0, 150).Draw(rt, "hours")) * time.Hour)
	start := Monday.Add(time.Duration(24*rapid.IntRange(1, 4).Draw(rt, "day")) * time.Hour)
	reason := rapid.SampledFrom([]string{appointment.Expired, "slot_taken"}).Draw(rt, "reason")
	by := rapid.SampledFrom([]appointment.By{appointment.Client, appointment.Staff}).Draw(rt, "by")
	last := len(state.Attempts) - 1
	if rapid.IntRange(0, 3).Draw(rt, "moves") > 0 {
		return rapid.SampledFrom([]appointment.Command{
			appointment.Book{Appointment: id},
			appointment.RequestReschedule{
				Appointment: id, RequestID: ID(byte(last + 1)), Visit: VisitAt(start), By: by, At: at, Until: at.Add(time.Hour),
			},
			appointment.Reschedule{Appointment: id, Sequence: last},
			appointment.Confirm{Appointment: id, At: at},
			appointment.RequestReinstatement{
				Appointment: id, RequestID: ID(byte(last + 1)), At: at, Until: at.Add(time.Hour),
			},
		}).Draw(rt, "command")
	}
	return rapid.SampledFrom([]appointment.Command{
		appointment.Abandon{Appointment: id, Reason: reason, At: at},
		appointment.Decline{Appointment: id, Reason: domain.Secret("closed")},
		appointment.AbandonReschedule{Appointment: id, Sequence: last, Reason: reason, At: at},
		appointment.Cancel{Appointment: id, By: by, Reason: domain.Secret("ill"), At: at},
		appointment.Arrive{Appointment: id, At: at},
		appointment.ClearMark{Appointment: id, At: at},
		appointment.ClearConfirmation{Appointment: id, At: at},
		appointment.Fulfil{Appointment: id, At: at},
		appointment.MarkNoShow{Appointment: id, At: at},
		appointment.AddNote{Appointment: id, Note: ID(byte(last)), Text: domain.Secret("likes it short")},
	}).Draw(rt, "command")
}
