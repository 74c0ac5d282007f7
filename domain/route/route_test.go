package route_test

import (
	"slices"
	"testing"
	"time"

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
	domaintest.Run(t, route.Decider, append(terms(), []example{
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
	}...))
}

var (
	noon     = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	weighted = route.RouteSet{
		Country: "BR", Providers: []string{"alpha", "beta"},
		Terms: []route.Term{{Provider: "alpha", Weight: 990, Sender: "Clinic"}, {Provider: "beta", Weight: 10}},
	}
	briefly = route.RouteSwitched{
		Country: "BR", Provider: "beta", By: "operator", Reason: "alpha banned", Until: noon.Add(time.Hour),
	}
)

func terms() []example {
	with := func(terms ...route.Term) route.Command {
		return route.Set{Country: "BR", Providers: []string{"alpha", "beta"}, Terms: terms}
	}
	until := func(at time.Time) route.Command {
		return route.Switch{
			Country: "BR", Provider: "beta", By: "operator", Reason: "alpha banned", At: noon, Until: at,
		}
	}
	return []example{
		{Name: "is set with weights", When: with(weighted.Terms...), Then: given(weighted)},
		{
			Name: "the weights change", Given: given(set), When: with(weighted.Terms...), Then: given(weighted),
		},
		{
			Name:    "the second provider gets nothing",
			When:    with(route.Term{Provider: "alpha", Weight: 1000}, route.Term{Provider: "beta"}),
			Refused: route.ErrTerms,
		},
		{
			Name:    "weights of more than all texts",
			When:    with(route.Term{Provider: "alpha", Weight: 1000}, route.Term{Provider: "beta", Weight: 10}),
			Refused: route.ErrTerms,
		},
		{Name: "a weight for one of two", When: with(weighted.Terms[0]), Refused: route.ErrTerms},
		{
			Name: "a sender that is too long",
			When: with(
				route.Term{Provider: "alpha", Weight: 990, Sender: "Harbour Clinic"}, route.Term{Provider: "beta", Weight: 10},
			),
			Refused: route.ErrSender,
		},
		{Name: "is switched for an hour", Given: given(weighted), When: until(noon.Add(time.Hour)), Then: given(briefly)},
		{Name: "is switched for the same hour", Given: given(weighted, briefly), When: until(noon.Add(time.Hour))},
		{Name: "is switched until the past", Given: given(weighted), When: until(noon), Refused: route.ErrUntil},
		{
			Name: "is switched for a month", Given: given(weighted), When: until(noon.AddDate(0, 1, 0)),
			Refused: route.ErrUntil,
		},
	}
}

func TestStoredTerms(t *testing.T) {
	domaintest.GoldenForm(t, route.Types, weighted, "terms")
	domaintest.GoldenForm(t, route.Types, briefly, "until")
}

// TestWeightsSplitTexts draws every number and counts who gets the texts first.
func TestWeightsSplitTexts(t *testing.T) {
	state := route.Evolve(route.State{}, weighted)
	first := make(map[string]int)
	for draw := range 1000 {
		first[state.OrderOf(draw, noon)[0]]++
	}
	if first["alpha"] != 990 || first["beta"] != 10 {
		t.Errorf("alpha is first for %d and beta for %d of 1000 texts", first["alpha"], first["beta"])
	}
	state = route.Evolve(state, briefly)
	if got := state.OrderOf(0, noon); got[0] != "beta" {
		t.Errorf("a switched route begins with %s", got[0])
	}
	if got := state.OrderOf(0, briefly.Until); got[0] != "alpha" {
		t.Errorf("after the switch expired the route begins with %s", got[0])
	}
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
		if got := state.Order(noon); !slices.Equal(got, c.want) {
			t.Errorf("%s: Order = %v, want %v", c.name, got, c.want)
		}
		if order := state.Order(noon); len(order) > 0 {
			order[0] = "spoiled"
			if got := state.Order(noon); !slices.Equal(got, c.want) {
				t.Errorf("%s: writing into Order changed the state to %v", c.name, got)
			}
		}
	}
}
