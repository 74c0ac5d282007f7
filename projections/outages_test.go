package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func TestOutagesTellTheirStory(t *testing.T) {
	cell := outage.Cell{Provider: "alpha", Region: "LA", Country: "BR"}
	id, early := outage.IDOf(cell, Monday), outage.IDOf(cell, Monday.Add(-time.Hour))
	evidence := outage.Evidence{Messages: 14, Silent: 9, Accounts: 5, Numbers: 13, ScoreMilli: 17_250}
	minute := func(n int) time.Time { return Monday.Add(time.Duration(n) * time.Minute) }
	happened := func(events ...domain.Event) Append {
		return Append{At: Monday, Stream: outage.Stream("alpha"), Events: events, By: "cbk_boss"}
	}
	suspected := outage.OutageSuspected{ID: id, Cell: cell, ChangePoint: Monday, At: minute(4)}
	detected := outage.OutageDetected{
		ID: id, Cell: cell, ChangePoint: Monday, At: minute(5), Cause: outage.Silent, Evidence: evidence,
	}
	again := detected
	again.At, again.Cause = minute(9), outage.ReceiptsOnly
	forced := outage.CellOverridden{Cell: cell, Mode: outage.Up, Reason: "the drill", Until: minute(60), At: minute(6)}
	given := []Append{happened(outage.OutageDetected{
		ID: early, Cell: cell, ChangePoint: Monday.Add(-time.Hour), At: Monday.Add(-time.Hour), Cause: outage.Configuration,
	}, outage.OutageCleared{ID: early, Cell: cell, At: minute(-30)}, suspected, detected)}
	one := func(ctx context.Context, read projections.Reader) (any, error) {
		return Found(read.Outages.One(ctx, id))
	}
	page := func(filter projections.OutageFilter, after readmodel.Cursor) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			var ids []domain.OutageID
			found, err := read.Outages.Page(ctx, filter, after, 10)
			for _, row := range found {
				ids = append(ids, row.ID)
			}
			return ids, err
		}
	}
	overrides := func(at time.Time) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return read.Outages.Overrides(ctx, at)
		}
	}
	confirmed := projections.Outage{
		ID: id, Cell: cell, State: "confirmed", ChangePoint: Monday, SuspectedAt: minute(4), DetectedAt: minute(5),
		Cause: outage.Silent, Evidence: evidence,
	}
	reassessed, cleared, proposed := confirmed, confirmed, confirmed
	reassessed.Cause = outage.ReceiptsOnly
	cleared.State, cleared.ClearedAt = "cleared", minute(90)
	proposed.Window = "w1"
	whole := cell
	whole.Region = ""
	during := projections.OutageFilter{During: domain.Interval{Start: minute(-20), End: minute(20)}}
	Run(t, given, []Example{
		{Name: "confirmed", Query: one, Want: confirmed},
		{Name: "of another cause", Query: one, Want: reassessed, Given: []Append{happened(again)}},
		{
			Name: "cleared", Query: one, Want: cleared,
			Given: []Append{happened(outage.OutageCleared{ID: id, Cell: cell, At: minute(90)})},
		},
		{
			Name: "with a refund window", Query: one, Want: proposed,
			Given: []Append{{At: Monday, Stream: "window-w1", Events: []domain.Event{
				window.RefundWindowProposed{Window: "w1", Outage: id},
			}}},
		},
		{Name: "all, the latest first", Query: page(projections.OutageFilter{}, readmodel.Cursor{}), Want: []domain.OutageID{id, early}},
		{Name: "the second page", Query: page(projections.OutageFilter{}, confirmed.Cursor()), Want: []domain.OutageID{early}},
		{Name: "of a state", Query: page(projections.OutageFilter{State: "cleared"}, readmodel.Cursor{}), Want: []domain.OutageID{early}},
		{Name: "of a period", Query: page(during, readmodel.Cursor{}), Want: []domain.OutageID{id}},
		{
			Name: "forced up", Query: overrides(minute(7)), Given: []Append{happened(forced)},
			Want: []projections.CellOverride{{
				Cell: whole, Mode: outage.Up, Reason: "the drill", Until: minute(60), At: minute(6), By: "cbk_boss",
			}},
		},
		{Name: "forced too long ago", Query: overrides(minute(60)), Given: []Append{happened(forced)}, Want: []projections.CellOverride(nil)},
		{
			Name: "not forced any more", Query: overrides(minute(7)), Want: []projections.CellOverride(nil),
			Given: []Append{happened(forced, outage.CellOverrideEnded{Cell: cell, At: minute(7)})},
		},
	})
}
