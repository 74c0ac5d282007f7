package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestWorkOfAnAccount(t *testing.T) {
	day, block := Monday.Add(24*time.Hour), uuid.UUID{7}
	needed := func(reason string, source uuid.UUID) []Append {
		return aboutVisit(appointment.AttentionNeeded{
			Appointment: Visit(1), Account: Acme, Client: Anna, Service: Haircut, Visit: VisitAt(day), Reason: reason,
			Source: source,
		})
	}
	given := Story(Opened(), Booked(Visit(1), Anna, Monday, day), needed(appointment.TimeOff, block),
		needed(appointment.ZoneRules, uuid.UUID{}))
	type found struct {
		Items   []string
		Total   int
		Reasons map[string]int
	}
	at := func(now time.Time, reason string, after readmodel.Cursor) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			items, err := read.Work.Open(ctx, Acme, now, reason, after, 10)
			if err != nil {
				return nil, err
			}
			var f found
			for _, item := range items {
				line := item.ClientName + " " + item.ServiceName + " " + item.Local + " " + item.Start.Format("15:04")
				for _, reason := range item.Reasons {
					line += " " + reason.Reason
				}
				f.Items = append(f.Items, line)
			}
			f.Total, f.Reasons, err = read.Work.Count(ctx, Acme, now)
			return f, err
		}
	}
	open, none := at(Monday, "", readmodel.Cursor{}), found{Reasons: map[string]int{}}
	both := map[string]int{"time_off": 1, "zone_rules": 1}
	Run(t, given, []Example{
		{Name: "two reasons", Query: open, Want: found{[]string{"Anna Conceição Haircut 2016-05-03T09:00:00 12:00 time_off zone_rules"}, 1, both}},
		{Name: "of one reason", Query: at(Monday, "client_erased", readmodel.Cursor{}), Want: found{nil, 1, both}},
		{Name: "the next page", Query: at(Monday, "", readmodel.Cursor{At: day, ID: Visit(1).UUID}), Want: found{nil, 1, both}},
		{Name: "over", Query: at(day.Add(time.Hour), "", readmodel.Cursor{}), Want: none},
		{
			Name: "one is settled", Query: open, Want: found{
				[]string{"Anna Conceição Haircut 2016-05-03T09:00:00 12:00 zone_rules"}, 1, map[string]int{"zone_rules": 1},
			},
			Given: aboutVisit(appointment.AttentionSettled{
				Appointment: Visit(1), Client: Anna, Reason: appointment.TimeOff, Source: block, Resolved: true,
				Note: domain.Secret("she comes anyway"),
			}),
		},
		{
			Name: "adjusted", Query: open, Want: found{
				[]string{"Anna Conceição Haircut 2016-05-03T09:00:00 13:00 time_off"}, 1, map[string]int{"time_off": 1},
			},
			Given: Adjusted(Visit(1), Anna, Monday, day, day.Add(time.Hour)),
		},
		{Name: "moved", Query: open, Want: none, Given: Moved(Visit(1), Anna, Monday, day, day.Add(time.Hour))},
		{Name: "cancelled", Query: open, Want: none, Given: aboutVisit(appointment.Cancelled{Appointment: Visit(1), Client: Anna, Sequence: 1})},
		{Name: "arrived", Query: open, Want: none, Given: aboutVisit(appointment.Arrived{Appointment: Visit(1)})},
		{Name: "fulfilled", Query: open, Want: none, Given: aboutVisit(appointment.Fulfilled{Appointment: Visit(1)})},
		{Name: "missed", Query: open, Want: none, Given: aboutVisit(appointment.MarkedNoShow{Appointment: Visit(1)})},
	})
}
