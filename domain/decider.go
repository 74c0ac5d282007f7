package domain

// Decider is an aggregate in one value: what it is before anything happened, what it answers to a wish, and
// what each event makes of it. S is its state, C its commands, E its events.
type Decider[S any, C Command, E Event] struct {
	Category string // first part of its streams' names
	Types    Types
	Initial  S
	Decide   func(S, C) ([]E, error)
	Evolve   func(S, E) S

	// SnapshotVersion numbers the shape of S where streams grow long enough for snapshots; 0 means none.
	// A state with private text must leave it 0: snapshots are not sealed.
	SnapshotVersion int
}

// Fold is the state after the events, in order.
func (d Decider[S, C, E]) Fold(events ...E) S {
	state := d.Initial
	for _, event := range events {
		state = d.Evolve(state, event)
	}
	return state
}
