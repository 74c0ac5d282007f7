package viewstest

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// week is one booking of each fate.
func week(w *world) {
	opened(w)
	at := monday
	w.booked(visitID(1), anna, at, at.Add(24*time.Hour))
	w.happened(acme, at, streamOf(visitID(1)), appointment.Fulfilled{Appointment: visitID(1)})
	w.booked(visitID(2), bruno, at, at.Add(48*time.Hour))
	w.happened(acme, at, streamOf(visitID(2)), appointment.Cancelled{
		Appointment: visitID(2), Account: acme, Client: bruno, Sequence: 1, Visit: visitAt(at.Add(48 * time.Hour)),
		By: appointment.Client, Reason: domain.Secret("flu, says Bruno"),
	})
	w.released(visitID(2), 0, at.Add(48*time.Hour))
	w.requested(visitID(3), anna, at, at.Add(24*time.Hour))
	w.happened(acme, at, streamOf(visitID(3)), appointment.Abandoned{Appointment: visitID(3), Reason: "slot_taken"})
	w.released(visitID(3), 0, at.Add(24*time.Hour))
	w.booked(visitID(4), anna, at, at.Add(72*time.Hour))
	w.moved(visitID(4), anna, at, at.Add(72*time.Hour), at.Add(96*time.Hour))
	w.requested(visitID(5), bruno, at, at.Add(120*time.Hour))
	w.happened(acme, at, streamOf(visitID(1)), appointment.NoteAdded{
		Appointment: visitID(1), Note: uuid.UUID{1}, Client: anna, Text: domain.Secret("Anna likes it short"),
	})
}

func (w *world) released(a domain.AppointmentID, sequence int, start time.Time) {
	w.t.Helper()
	leg := visitAt(start).Legs[0]
	w.happened(acme, monday, diary.StreamOf(leg.Resource, diary.MonthOf(start)), diary.UnitsReleased{
		Resource: leg.Resource, Appointment: a, Sequence: sequence, Interval: leg.Interval,
	})
}

func (w *world) moved(a domain.AppointmentID, who domain.ClientID, at, from, to time.Time) {
	w.t.Helper()
	w.happened(acme, at, streamOf(a), appointment.RescheduleRequested{
		Appointment: a, Sequence: 1, Visit: visitAt(to), Until: at.Add(time.Minute),
	})
	w.held(a, 1, visitAt(to), at, at.Add(time.Minute))
	w.happened(acme, at, streamOf(a), appointment.Rescheduled{
		Appointment: a, Account: acme, Client: who, Service: haircut, Sequence: 1, Visit: visitAt(to), Before: visitAt(from),
	})
	w.released(a, 0, from)
}

func calendarShowsWhatBecameOfEachAppointment(t *testing.T, s Suite) {
	w := newWorld(t, s)
	week(w)
	w.catchUp()
	got, err := projections.Calendar{DB: w.db}.Find(t.Context(), acme, projections.Selection{
		During: domain.Interval{Start: monday, End: monday.Add(7 * 24 * time.Hour)},
	})
	w.ok(err)
	row := func(n byte, who domain.ClientID, name, phone string, start time.Time) projections.Appointment {
		return projections.Appointment{
			ID: visitID(n), Account: acme, Client: who, Service: haircut, Visit: visitAt(start), RequestedAt: monday,
			ClientName: name, ClientPhone: phone, ServiceName: "Haircut",
		}
	}
	first := row(1, anna, "Anna Conceição", "+5527999990001", monday.Add(24*time.Hour))
	first.Status, first.Revision = appointment.StatusFulfilled, 3
	second := row(2, bruno, "Bruno Álvares", "+5527999990002", monday.Add(48*time.Hour))
	second.Status, second.Outcome, second.Reason = appointment.StatusCancelled, "client", "flu, says Bruno"
	second.Sequence, second.Revision = 1, 2
	fourth := row(4, anna, "Anna Conceição", "+5527999990001", monday.Add(96*time.Hour))
	fourth.Status, fourth.Sequence, fourth.Revision = appointment.StatusBooked, 1, 3
	fifth := row(5, bruno, "Bruno Álvares", "+5527999990002", monday.Add(120*time.Hour))
	fifth.Status, fifth.UndecidedUntil = appointment.StatusPending, monday.Add(time.Minute)
	want := []projections.Appointment{first, second, fourth, fifth}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the week reads\n got: %+v\nwant: %+v", got, want)
	}
}

func calendarNarrows(t *testing.T, s Suite) {
	w := newWorld(t, s)
	week(w)
	w.catchUp()
	calendar := projections.Calendar{DB: w.db}
	hours := func(from, to int) domain.Interval {
		return domain.Interval{
			Start: monday.Add(time.Duration(from) * time.Hour), End: monday.Add(time.Duration(to) * time.Hour),
		}
	}
	for name, c := range map[string]struct {
		of   domain.AccountID
		in   projections.Selection
		want []byte
	}{
		"nothing of another account":    {other, projections.Selection{}, nil},
		"all":                           {acme, projections.Selection{}, []byte{1, 2, 4, 5}},
		"what runs into the interval":   {acme, projections.Selection{During: domain.Interval{Start: monday.Add(24*time.Hour + 20*time.Minute), End: monday.Add(48 * time.Hour)}}, []byte{1}},
		"not what ends where it begins": {acme, projections.Selection{During: domain.Interval{Start: monday.Add(24*time.Hour + 30*time.Minute), End: monday.Add(48 * time.Hour)}}, nil},
		"a resource":                    {acme, projections.Selection{During: hours(24, 97), Resources: []domain.ResourceID{chair}}, []byte{1, 2, 4}},
		"a resource it moved away from": {acme, projections.Selection{During: hours(72, 73), Resources: []domain.ResourceID{chair}}, nil},
		"another resource":              {acme, projections.Selection{Resources: []domain.ResourceID{{UUID: id(9)}}}, nil},
		"statuses":                      {acme, projections.Selection{Statuses: []appointment.Status{"cancelled", "entered-in-error"}}, []byte{3, 2}},
		"a client":                      {acme, projections.Selection{Client: bruno}, []byte{2, 5}},
		"a service":                     {acme, projections.Selection{Service: haircut, Limit: 2}, []byte{1, 2}},
		"the page after the second":     {acme, projections.Selection{After: readmodel.Cursor{At: monday.Add(48 * time.Hour), ID: id(102)}, Limit: 1}, []byte{4}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := calendar.Find(t.Context(), c.of, c.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for _, a := range found {
				got = append(got, a.ID.UUID[15]-100)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Fatalf("found %v, want %v", got, c.want)
			}
		})
	}
}
