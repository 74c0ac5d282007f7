package route

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a route.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "route_unknown",
		"this country has no route; set one, or switch ZZ, the route of all other countries")
	ErrCountry = domain.Refuse(domain.Invalid, "route_country_invalid",
		"this country cannot have a route; write its two capital letters, or 001 for numbers without a country")
	ErrProviders = domain.Refuse(domain.Invalid, "route_providers_invalid",
		"a route names 1 to 10 providers, each once, by their short names")
	ErrNotOnRoute = domain.Refuse(domain.Disallowed, "provider_not_on_route",
		"this provider is not on the route; set the route with it first")
	ErrBy = domain.Refuse(domain.Invalid, "route_by_invalid", "a route is switched by operator or detector")
)

const maxProviders = 10

// Command is a request to change a route.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Set sets the providers of a country (or Elsewhere), first choice first. It ends a switch.
type Set struct {
	Country   string
	Providers []string
}

// Switch moves one provider of the route to the front until it is restored.
type Switch struct{ Country, Provider, By, Reason string }

// Restore returns to the order that was set.
type Restore struct{ Country, By, Reason string }

// Stream returns the stream of the route.
func (c Set) Stream() domain.Stream     { return Stream(c.Country) }
func (c Switch) Stream() domain.Stream  { return Stream(c.Country) }
func (c Restore) Stream() domain.Stream { return Stream(c.Country) }

func (c Set) decide(s State) ([]Event, error) {
	if _, err := domain.ParseDestination(c.Country); err != nil && c.Country != Elsewhere {
		return nil, domain.Refusef(ErrCountry.Reason, ErrCountry.Code,
			"%q is not a country; write it like BR, 001 for numbers without a country, or ZZ for all others", c.Country)
	}
	if len(c.Providers) == 0 || len(c.Providers) > maxProviders {
		return nil, ErrProviders
	}
	for i, provider := range c.Providers {
		if !domain.IsShortName(provider) || slices.Contains(c.Providers[:i], provider) {
			return nil, ErrProviders
		}
	}
	if slices.Equal(c.Providers, s.Providers) && s.First == "" {
		return nil, nil
	}
	return []Event{RouteSet{Country: c.Country, Providers: slices.Clone(c.Providers)}}, nil
}

func (c Switch) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case c.By != "operator" && c.By != "detector":
		return nil, ErrBy
	case !slices.Contains(s.Providers, c.Provider):
		return nil, ErrNotOnRoute
	case s.First == c.Provider:
		return nil, nil
	}
	return []Event{RouteSwitched(c)}, nil
}

func (c Restore) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case c.By != "operator" && c.By != "detector":
		return nil, ErrBy
	case s.First == "":
		return nil, nil
	}
	return []Event{RouteRestored(c)}, nil
}
