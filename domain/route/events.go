package route

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Event is anything that can have happened to a route.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event of a route stream.
var Types = domain.Types{
	domain.TypeOf[RouteSet](),
	domain.TypeOf[RouteSwitched](),
	domain.TypeOf[RouteRestored](),
}

// RouteSet sets the providers of a destination country, first choice first.
type RouteSet struct {
	Country   string   `json:"country"` // ISO 3166-1 alpha-2, or "ZZ" for every country without its own route
	Providers []string `json:"providers"`
	Terms     []Term   `json:"terms,omitzero"` // of each provider, in the same order; absent: all texts to the first
}

// Term is how a route uses one provider.
type Term struct {
	Provider string `json:"provider"`
	Weight   int    `json:"weight,omitzero"` // its part of the texts, in thousandths
	Sender   string `json:"sender,omitzero"` // whom texts to the country come from; absent: the provider's own setting
}

// RouteSwitched moves one provider to the front until the route is restored or the switch expires.
type RouteSwitched struct {
	Country  string    `json:"country"`
	Provider string    `json:"provider"`
	By       string    `json:"by"` // operator, detector
	Reason   string    `json:"reason"`
	Until    time.Time `json:"until,omitzero"` // absent: until it is restored
}

// RouteRestored returns to the order that was set.
type RouteRestored struct {
	Country string `json:"country"`
	By      string `json:"by"`
	Reason  string `json:"reason"`
}

// EventType returns the stored name.
func (RouteSet) EventType() string      { return "RouteSet" }
func (RouteSwitched) EventType() string { return "RouteSwitched" }
func (RouteRestored) EventType() string { return "RouteRestored" }
