package directory_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
)

func TestProvidersReturnStateAndRoutes(t *testing.T) {
	happened := func(stream domain.Stream, events ...domain.Event) Append {
		return Append{At: Monday, Stream: stream, Events: events}
	}
	given := []Append{
		happened(provider.Stream("alpha"),
			provider.ProviderRegistered{Provider: "alpha", Kind: "simulated", Label: "Alpha"},
			provider.ProviderDisabled{Provider: "alpha", Reason: "banned"}),
		happened(route.Stream("BR"),
			route.RouteSet{Country: "BR", Providers: []string{"alpha", "beta"}},
			route.RouteSwitched{Country: "BR", Provider: "beta", By: "operator", Reason: "outage"}),
	}
	all := func(ctx context.Context, read projections.Reader) (any, error) { return read.Providers.All(ctx) }
	routes := func(ctx context.Context, read projections.Reader) (any, error) { return read.Providers.Routes(ctx) }
	Run(t, given, []Example{
		{Name: "a disabled provider", Query: all, Want: []directory.Provider{{
			Name: "alpha", Kind: "simulated", Label: "Alpha", Disabled: true, Reason: "banned", Revision: 1,
		}}},
		{
			Name: "an enabled provider", Query: all,
			Given: []Append{happened(provider.Stream("alpha"), provider.ProviderEnabled{Provider: "alpha"})},
			Want:  []directory.Provider{{Name: "alpha", Kind: "simulated", Label: "Alpha", Revision: 2}},
		},
		{Name: "a switched route", Query: routes, Want: []directory.Route{{
			Country: "BR", Set: []string{"alpha", "beta"}, Order: []string{"beta", "alpha"}, Switched: "beta",
			Reason: "outage", Revision: 1,
		}}},
		{
			Name: "a restored route", Query: routes,
			Given: []Append{happened(route.Stream("BR"), route.RouteRestored{Country: "BR"})},
			Want: []directory.Route{{
				Country: "BR", Set: []string{"alpha", "beta"}, Order: []string{"alpha", "beta"}, Revision: 2,
			}},
		},
	})
}
