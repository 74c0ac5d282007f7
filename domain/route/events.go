package route

import "github.com/clickbook/clickbook/domain"

// Event is what can have happened to a route.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a route's stream may hold.
var Types = domain.Types{
	domain.TypeOf[RouteSet](),
	domain.TypeOf[RouteSwitched](),
	domain.TypeOf[RouteRestored](),
}

// RouteSet gives the providers for a destination country, first choice first.
type RouteSet struct {
	Country   string   `json:"country"` // ISO 3166-1 alpha-2, or "ZZ" for every country without its own route
	Providers []string `json:"providers"`
}

// RouteSwitched puts one provider first until restored.
type RouteSwitched struct {
	Country  string `json:"country"`
	Provider string `json:"provider"`
	By       string `json:"by"` // operator, detector
	Reason   string `json:"reason"`
}

// RouteRestored goes back to the order that was set.
type RouteRestored struct {
	Country string `json:"country"`
	By      string `json:"by"`
	Reason  string `json:"reason"`
}

// EventType names are the stored names.
func (RouteSet) EventType() string      { return "RouteSet" }
func (RouteSwitched) EventType() string { return "RouteSwitched" }
func (RouteRestored) EventType() string { return "RouteRestored" }
