package feed

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a feed.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event a feed's stream may hold.
var Types = domain.Types{domain.TypeOf[CalendarFeedRotated](), domain.TypeOf[CalendarFeedTurnedOff]()}

// CalendarFeedRotated gives the feed a new address. Earlier ones end.
type CalendarFeedRotated struct {
	Of
	Generation int  `json:"generation"`     // of the address that is valid from now on, from 1
	Names      bool `json:"names,omitzero"` // the feed shows whole names; otherwise initials
}

// CalendarFeedTurnedOff ends the address of the feed.
type CalendarFeedTurnedOff struct {
	Of
}

// EventType returns the stored name.
func (CalendarFeedRotated) EventType() string   { return "CalendarFeedRotated" }
func (CalendarFeedTurnedOff) EventType() string { return "CalendarFeedTurnedOff" }
