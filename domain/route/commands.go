package route

import (
	"slices"
	"strings"
	"time"

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
	ErrTerms = domain.Refuse(domain.Invalid, "route_terms_invalid",
		"the weights of a route are whole thousandths from 0 to 1000 that sum to 1000, one for each provider; a second "+
			"provider gets at least 10, so that its quality is known when it is needed")
	ErrSender = domain.Refuse(domain.Invalid, "route_sender_invalid",
		"a sender is a number in E.164, a short code, or 1 to 11 letters, digits and spaces")
	ErrUntil = domain.Refuse(domain.Invalid, "route_until_invalid",
		"a switch expires in the future and within 7 days, or when the route is restored")
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

// Set sets the providers of a country (or Elsewhere), first choice first. It ends a switch. Without Terms, all texts go
// to the first provider that can take them.
type Set struct {
	Country   string
	Providers []string
	Terms     []Term // none, or one for each provider in the same order
}

// Switch moves one provider of the route to the front until it is restored, or until it expires.
type Switch struct {
	Country, Provider, By, Reason string
	At, Until                     time.Time // a zero Until means that it does not expire
}

// MaxSwitch is how long a switch that expires can last.
const MaxSwitch = 7 * 24 * time.Hour

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
	if err := c.checkTerms(); err != nil {
		return nil, err
	}
	if slices.Equal(c.Providers, s.Providers) && slices.Equal(c.Terms, s.Terms) && s.First == "" {
		return nil, nil
	}
	return []Event{RouteSet{
		Country: c.Country, Providers: slices.Clone(c.Providers), Terms: slices.Clone(c.Terms),
	}}, nil
}

// minWarm is the least weight of a second provider, in thousandths. Without traffic nobody knows whether a provider
// works, and its baseline is missing when the first one fails.
const minWarm = 10

// fullWeight is all texts of a route.
const fullWeight = 1000

func (c Set) checkTerms() error {
	if len(c.Terms) == 0 {
		return nil
	}
	sum, warm := 0, 0
	for i, term := range c.Terms {
		if len(c.Terms) != len(c.Providers) || term.Provider != c.Providers[i] || term.Weight < 0 {
			return ErrTerms
		}
		if !isSender(term.Sender) {
			return ErrSender
		}
		sum += term.Weight
		if term.Weight >= minWarm {
			warm++
		}
	}
	if sum != fullWeight || warm < min(2, len(c.Terms)) {
		return ErrTerms
	}
	return nil
}

// isSender reports whether a provider could accept a sender: a number, a short code, or an alphanumeric sender of GSM
// 03.40 (up to 11 characters). An empty one is the provider's own.
func isSender(sender string) bool {
	digits := strings.TrimPrefix(sender, "+")
	other := func(r rune) bool { return r < '0' || r > '9' }
	if digits != "" && !strings.ContainsFunc(digits, other) {
		return len(digits) <= 15
	}
	strange := func(r rune) bool {
		return other(r) && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != ' '
	}
	return len(sender) <= 11 && !strings.ContainsFunc(sender, strange) && strings.TrimSpace(sender) == sender
}

func (c Switch) decide(s State) ([]Event, error) {
	switch {
	case !s.Exists():
		return nil, ErrUnknown
	case c.By != "operator" && c.By != "detector":
		return nil, ErrBy
	case !slices.Contains(s.Providers, c.Provider):
		return nil, ErrNotOnRoute
	case !c.Until.IsZero() && (!c.Until.After(c.At) || c.Until.Sub(c.At) > MaxSwitch):
		return nil, ErrUntil
	}
	until := domain.Microseconds(c.Until)
	if s.First == c.Provider && s.Until.Equal(until) {
		return nil, nil
	}
	return []Event{RouteSwitched{
		Country: c.Country, Provider: c.Provider, By: c.By, Reason: c.Reason, Until: until,
	}}, nil
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
