package route

import "slices"

// State is the route as set and the provider that was put first, if any.
type State struct {
	Providers []string // empty until it is set
	First     string   // "" where the set order holds
	By        string   // who put First there
	Reason    string
}

// Exists reports whether the country has a route of its own.
func (s State) Exists() bool { return len(s.Providers) > 0 }

// Order is the providers as they are to be tried now. It is the caller's to keep.
func (s State) Order() []string {
	order := slices.Clone(s.Providers)
	if at := slices.Index(order, s.First); at > 0 {
		order = slices.Insert(slices.Delete(order, at, at+1), 0, s.First)
	}
	return order
}

// Evolve is the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// A route set anew is the newest word: it ends a switch.
func (e RouteSet) evolve(State) State { return State{Providers: slices.Clone(e.Providers)} }

func (e RouteSwitched) evolve(s State) State {
	s.First, s.By, s.Reason = e.Provider, e.By, e.Reason
	return s
}

func (RouteRestored) evolve(s State) State { return State{Providers: s.Providers} }
