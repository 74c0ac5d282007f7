package route

import (
	"slices"
	"time"
)

// State is the route as set, and the provider moved to the front, if any.
type State struct {
	Providers []string // empty until it is set
	Terms     []Term   // of each provider, or none
	First     string   // "" if the order is as set
	By        string   // who moved First to the front
	Reason    string
	Until     time.Time // when First is no longer in front; zero if that takes a restoration
}

// Exists reports whether the country has its own route.
func (s State) Exists() bool { return len(s.Providers) > 0 }

// SwitchedTo returns the provider that is moved to the front at an instant, "" if the order is as set.
func (s State) SwitchedTo(now time.Time) string {
	if !s.Until.IsZero() && !now.Before(s.Until) {
		return ""
	}
	return s.First
}

// Order returns the providers in the order in which to try them at an instant, by their order alone. The caller owns
// the slice.
func (s State) Order(now time.Time) []string { return s.withFirst(s.SwitchedTo(now)) }

// OrderOf returns the providers in the order in which to try them for one text. A draw from 0 to 999 belongs to the
// text, so that the weights decide which provider gets it first. A switch beats the weights.
func (s State) OrderOf(draw int, now time.Time) []string {
	if first := s.SwitchedTo(now); first != "" {
		return s.withFirst(first)
	}
	for _, term := range s.Terms {
		if draw < term.Weight {
			return s.withFirst(term.Provider)
		}
		draw -= term.Weight
	}
	return s.withFirst("")
}

// Sender returns whom texts by a provider come from, "" for the provider's own setting.
func (s State) Sender(provider string) string {
	for _, term := range s.Terms {
		if term.Provider == provider {
			return term.Sender
		}
	}
	return ""
}

func (s State) withFirst(first string) []string {
	order := slices.Clone(s.Providers)
	if at := slices.Index(order, first); at > 0 {
		order = slices.Insert(slices.Delete(order, at, at+1), 0, first)
	}
	return order
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// evolve drops a switch, because the new order is the latest decision.
func (e RouteSet) evolve(State) State {
	return State{Providers: slices.Clone(e.Providers), Terms: slices.Clone(e.Terms)}
}

func (e RouteSwitched) evolve(s State) State {
	s.First, s.By, s.Reason, s.Until = e.Provider, e.By, e.Reason, e.Until
	return s
}

func (RouteRestored) evolve(s State) State { return State{Providers: s.Providers, Terms: s.Terms} }
