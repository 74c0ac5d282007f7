package optout

// State is what is known about a number.
type State struct {
	Known    bool // the number was opted out at some time
	OptedOut bool
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (NumberOptedOut) evolve(State) State { return State{Known: true, OptedOut: true} }
func (NumberOptedIn) evolve(State) State  { return State{Known: true} }
