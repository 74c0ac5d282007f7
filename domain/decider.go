package domain

// Decider describes an aggregate in one value: its initial state, how a command becomes events, and how an event
// changes the state. S is the state, C the commands, E the events.
type Decider[S any, C Command, E Event] struct {
	Category string // the first part of its stream names
	Types    Types
	Initial  S
	Decide   func(S, C) ([]E, error)
	Evolve   func(S, E) S

	// SnapshotVersion is the version of the stored form of S. It is set where streams grow long enough for snapshots;
	// 0 means none. A state with private text must leave it 0, because snapshots are not sealed.
	SnapshotVersion int
}

// Fold returns the state after the events, in order.
func (d Decider[S, C, E]) Fold(events ...E) S {
	state := d.Initial
	for _, event := range events {
		state = d.Evolve(state, event)
	}
	return state
}
