package directory_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestProvidersReturnStateAndRoutes(t *testing.T) {
	happened := func(stream domain.Stream, events ...domain.Event) Append {
		return Append{At: Monday, Stream: stream, Events: events, By: "cbk_boss"}
	}
	given := []Append{
		happened(provider.Stream("alpha"),
			provider.ProviderRegistered{Provider: "alpha", Kind: "simulated", Label: "Alpha"},
			provider.ProviderDisabled{Provider: "alpha", Reason: "banned"}),
		happened(provider.Stream("beta"), provider.ProviderRegistered{Provider: "beta", Kind: "simulated"}),
		happened(route.Stream("BR"),
			route.RouteSet{Country: "BR", Providers: []string{"alpha", "beta"}},
			route.RouteSwitched{Country: "BR", Provider: "beta", By: "operator", Reason: "outage"}),
	}
	all := func(ctx context.Context, read projections.Reader) (any, error) { return read.Providers.All(ctx) }
	routes := func(ctx context.Context, read projections.Reader) (any, error) { return read.Providers.Routes(ctx) }
	unserved := func(ctx context.Context, read projections.Reader) (any, error) { return read.Providers.Unserved(ctx) }
	beta := directory.Provider{Name: "beta", Kind: "simulated"}
	Run(t, given, []Example{
		{Name: "a disabled provider", Query: all, Want: []directory.Provider{{
			Name: "alpha", Kind: "simulated", Label: "Alpha", Disabled: true, Reason: "banned", Revision: 1,
		}, beta}},
		{
			Name: "an enabled provider", Query: all,
			Given: []Append{happened(provider.Stream("alpha"), provider.ProviderEnabled{Provider: "alpha"})},
			Want:  []directory.Provider{{Name: "alpha", Kind: "simulated", Label: "Alpha", Revision: 2}, beta},
		},
		{Name: "a switched route without its disabled provider", Query: routes, Want: []directory.Route{{
			Country: "BR", Set: []string{"alpha", "beta"}, Order: []string{"beta"}, Switched: "beta",
			ChangedBy: "cbk_boss", ChangedAt: Monday, Reason: "outage", Revision: 1,
		}}},
		{
			Name: "a restored route", Query: routes,
			Given: []Append{
				happened(provider.Stream("alpha"), provider.ProviderEnabled{Provider: "alpha"}),
				{
					At: Monday.Add(time.Hour), Stream: route.Stream("BR"), By: "operator",
					Events: []domain.Event{route.RouteRestored{Country: "BR", Reason: "it is over"}},
				},
			},
			Want: []directory.Route{{
				Country: "BR", Set: []string{"alpha", "beta"}, Order: []string{"alpha", "beta"}, ChangedBy: "operator",
				ChangedAt: Monday.Add(time.Hour), Reason: "it is over", Revision: 2,
			}},
		},
		{Name: "no route of all other countries", Query: unserved, Want: []string{"ZZ"}},
		{
			Name: "no provider left for a country", Query: unserved,
			Given: []Append{
				happened(route.Stream("ZZ"), route.RouteSet{Country: "ZZ", Providers: []string{"alpha", "beta"}}),
				happened(provider.Stream("beta"), provider.ProviderDisabled{Provider: "beta", Reason: "banned too"}),
			},
			Want: []string{"BR", "ZZ"},
		},
		{
			Name: "every country is served", Query: unserved,
			Given: []Append{
				happened(route.Stream("ZZ"), route.RouteSet{Country: "ZZ", Providers: []string{"alpha", "beta"}}),
			},
			Want: []string(nil),
		},
	})
}
