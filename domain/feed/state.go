package feed

// State is a feed. Without events it is off.
type State struct {
	Of
	On         bool
	Generation int // of the last address
	Names      bool
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e CalendarFeedRotated) evolve(State) State {
	return State{Of: e.Of, On: true, Generation: e.Generation, Names: e.Names}
}

func (e CalendarFeedTurnedOff) evolve(s State) State {
	s.On = false
	return s
}
