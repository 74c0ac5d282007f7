package projections_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestWindowsReturnTheLastTerms(t *testing.T) {
	terms := window.Terms{Bounds: window.Bounds{Kind: window.Instants, Start: Monday, End: Monday.Add(time.Hour)}}
	longer := window.Terms{Bounds: window.Bounds{Kind: window.Instants, Start: Monday, End: Monday.Add(2 * time.Hour)}}
	signed := window.Signed{Preview: window.Totals{Accounts: 1, Messages: 2, Refunded: 3}, By: "k"}
	proposing := func(events ...domain.Event) []Append {
		return []Append{{At: Monday, Stream: "window-w3", Events: events}}
	}
	happened := func(at time.Time, events ...domain.Event) Append {
		return Append{At: at, Stream: "window-w1", Events: events}
	}
	all := func(ctx context.Context, read projections.Reader) (any, error) { return read.Windows.All(ctx) }
	one := func(id string) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Windows.One(ctx, id))
		}
	}
	declared := projections.Window{ID: "w1", Terms: terms, Signed: signed, DeclaredAt: Monday, ChangedAt: Monday}
	amended := declared
	amended.Terms, amended.Signed, amended.ChangedAt, amended.Revision = longer, window.Signed{By: "m"}, Monday.Add(time.Minute), 1
	revoked := declared
	revoked.Revoked, revoked.Signed, revoked.Revision = true, window.Signed{}, 1
	id := domain.DeriveID[domain.OutageID]("outage")
	open := window.Terms{Bounds: window.Bounds{Kind: window.Instants, Start: Monday}}
	proposed := window.RefundWindowProposed{Window: "w3", Terms: open, Outage: id}
	ended := window.RefundWindowProposed{Window: "w3", Terms: terms, Outage: id}
	shown := projections.Window{
		ID: "w3", Terms: terms, Proposed: true, Outage: id, DeclaredAt: Monday, ChangedAt: Monday, Revision: 1,
	}
	approved := shown
	approved.Proposed, approved.Signed, approved.Revision = false, signed, 2
	Run(t, []Append{happened(Monday, window.RefundWindowDeclared{Window: "w1", Terms: terms, Signed: signed})}, []Example{
		{Name: "declared", Query: one("w1"), Want: declared},
		{Name: "no window with that id", Query: one("w2")},
		{Name: "proposed", Query: one("w3"), Want: shown, Given: proposing(proposed, ended)},
		{
			Name: "approved", Query: one("w3"), Want: approved,
			Given: proposing(proposed, ended, window.RefundWindowDeclared{Window: "w3", Terms: terms, Signed: signed}),
		},
		{
			Name: "amended", Query: one("w1"), Want: amended,
			Given: []Append{happened(Monday.Add(time.Minute), window.RefundWindowAmended{
				Window: "w1", Terms: longer, Signed: window.Signed{By: "m"},
			})},
		},
		{
			Name: "revoked", Query: all, Want: []projections.Window{revoked},
			Given: []Append{happened(Monday, window.RefundWindowRevoked{Window: "w1"})},
		},
	})
}
