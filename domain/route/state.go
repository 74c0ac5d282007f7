package route

import "slices"

// State is the route as set, and the provider moved to the front, if any.
type State struct {
	Providers []string // empty until it is set
	First     string   // "" if the order is as set
	By        string   // who moved First to the front
	Reason    string
}

// Exists reports whether the country has its own route.
func (s State) Exists() bool { return len(s.Providers) > 0 }

// Order returns the providers in the order in which to try them now. The caller owns the slice.
func (s State) Order() []string {
	order := slices.Clone(s.Providers)
	if at := slices.Index(order, s.First); at > 0 {
		order = slices.Insert(slices.Delete(order, at, at+1), 0, s.First)
	}
	return order
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// evolve drops a switch, because the new order is the latest decision.
func (e RouteSet) evolve(State) State { return State{Providers: slices.Clone(e.Providers)} }

func (e RouteSwitched) evolve(s State) State {
	s.First, s.By, s.Reason = e.Provider, e.By, e.Reason
	return s
}

func (RouteRestored) evolve(s State) State { return State{Providers: s.Providers} }
