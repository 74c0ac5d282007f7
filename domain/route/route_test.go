package route_test

import (
	"slices"
	"testing"

	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/route"
)

type example = domaintest.Example[route.Command, route.Event]

var (
	set      = route.RouteSet{Country: "BR", Providers: []string{"alpha", "beta", "gamma"}}
	switched = route.RouteSwitched{Country: "BR", Provider: "gamma", By: "operator", Reason: "alpha banned"}
	restored = route.RouteRestored{Country: "BR", By: "operator", Reason: "alpha is back"}
)

func given(events ...route.Event) []route.Event { return events }

func TestRoute(t *testing.T) {
	setTo := func(country string, providers ...string) route.Command {
		return route.Set{Country: country, Providers: providers}
	}
	putFirst := func(provider, by string) route.Command {
		return route.Switch{Country: "BR", Provider: provider, By: by, Reason: "alpha banned"}
	}
	restore := route.Restore{Country: "BR", By: "operator", Reason: "alpha is back"}
	domaintest.Run(t, route.Decider, []example{
		{Name: "is set", When: setTo("BR", "alpha", "beta", "gamma"), Then: given(set)},
		{
			Name: "is set for all other countries", When: setTo("ZZ", "alpha"),
			Then: given(route.RouteSet{Country: "ZZ", Providers: []string{"alpha"}}),
		},
		{
			Name: "setting it again ends a switch", Given: given(set, switched), When: setTo("BR", "alpha", "beta", "gamma"),
			Then: given(set),
		},
		{Name: "no country", When: setTo("XX", "alpha"), Refused: route.ErrCountry},
		{Name: "no providers", When: setTo("BR"), Refused: route.ErrProviders},
		{Name: "a provider twice", When: setTo("BR", "alpha", "alpha"), Refused: route.ErrProviders},
		{Name: "a provider without a name", When: setTo("BR", "alpha", ""), Refused: route.ErrProviders},
		{Name: "is switched", Given: given(set), When: putFirst("gamma", "operator"), Then: given(switched)},
		{
			Name: "is switched again", Given: given(set, switched), When: putFirst("beta", "detector"),
			Then: given(route.RouteSwitched{Country: "BR", Provider: "beta", By: "detector", Reason: "alpha banned"}),
		},
		{Name: "no such route", When: putFirst("gamma", "operator"), Refused: route.ErrUnknown},
		{Name: "not on the route", Given: given(set), When: putFirst("delta", "operator"), Refused: route.ErrNotOnRoute},
		{Name: "switched by an unknown source", Given: given(set), When: putFirst("beta", ""), Refused: route.ErrBy},
		{Name: "is restored", Given: given(set, switched), When: restore, Then: given(restored)},
		{Name: "was never switched", Given: given(set), When: restore},
		{Name: "no route to restore", When: restore, Refused: route.ErrUnknown},
		{
			Name: "restored without a source", Given: given(set, switched), When: route.Restore{Country: "BR"},
			Refused: route.ErrBy,
		},
	})
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name  string
		after []route.Event
		want  []string
	}{
		{"no route", nil, nil},
		{"as set", given(set), []string{"alpha", "beta", "gamma"}},
		{"switched", given(set, switched), []string{"gamma", "alpha", "beta"}},
		{"restored", given(set, switched, restored), []string{"alpha", "beta", "gamma"}},
		{"set again", given(set, switched, set), []string{"alpha", "beta", "gamma"}},
	} {
		state := route.Decider.Fold(c.after...)
		if got := state.Order(); !slices.Equal(got, c.want) {
			t.Errorf("%s: Order = %v, want %v", c.name, got, c.want)
		}
		if order := state.Order(); len(order) > 0 {
			order[0] = "spoiled"
			if got := state.Order(); !slices.Equal(got, c.want) {
				t.Errorf("%s: writing into Order changed the state to %v", c.name, got)
			}
		}
	}
}
