package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

// TestAgendaIsALocalDay books around midnight: 23:30 of the evening before and 00:30 of the next morning are other
// days.
func TestAgendaIsALocalDay(t *testing.T) {
	midnight := time.Date(2016, 5, 3, 3, 0, 0, 0, time.UTC) // in São Paulo
	given := Opened()
	for n, start := range []time.Duration{
		-30 * time.Minute, 0, 9 * time.Hour, 23*time.Hour + 30*time.Minute, 24*time.Hour + 30*time.Minute,
	} {
		given = append(given, Booked(Visit(byte(n+1)), Anna, Monday, midnight.Add(start))...)
	}
	given = append(given, On(appointment.StreamOf(Visit(3)), Monday, appointment.Cancelled{
		Appointment: Visit(3), Client: Anna, Sequence: 1,
	}))
	on := func(account domain.AccountID, date string) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			rows, err := read.Agenda.On(ctx, account, date)
			var starts []string
			for _, row := range rows {
				starts = append(starts, row.Visit.Local+" "+row.ClientName)
			}
			return starts, err
		}
	}
	Run(t, given, []Example{
		{Name: "the day", Query: on(Acme, "2016-05-03"), Want: []string{
			"2016-05-03T00:00:00 Anna Conceição", "2016-05-03T23:30:00 Anna Conceição",
		}},
		{Name: "the day before", Query: on(Acme, "2016-05-02"), Want: []string{"2016-05-02T23:30:00 Anna Conceição"}},
		{Name: "a day of another account", Query: on(Other, "2016-05-03")},
	})
}

func TestAgendaRefusesMalformedDate(t *testing.T) {
	_, err := New(t).Read.Agenda.On(t.Context(), Acme, "3 May")
	if refusal, ok := domain.AsRefusal(err); !ok || refusal.Code != "date_malformed" {
		t.Fatalf("On returned %v, want the refusal date_malformed", err)
	}
}
