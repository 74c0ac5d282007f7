package window

import "slices"

// Set is all windows known at a point of the log, in the order they were declared. It is a value: With answers
// another one.
type Set struct{ windows []State }

// With is the set after one more event.
func (s Set) With(e Event) Set {
	windows := slices.Clone(s.windows)
	i := slices.IndexFunc(windows, func(w State) bool { return w.Window == e.ID() })
	if i < 0 {
		return Set{append(windows, e.evolve(State{}))}
	}
	windows[i] = e.evolve(windows[i])
	return Set{windows}
}

// Window finds one by its id; one that was never declared is empty.
func (s Set) Window(id string) State {
	for _, w := range s.windows {
		if w.Window == id {
			return w
		}
	}
	return State{}
}

// All are the windows, revoked ones too.
func (s Set) All() []State { return slices.Clone(s.windows) }

// Covering are the ids of the windows that make a send free.
func (s Set) Covering(send Send) (ids []string) {
	for _, w := range s.windows {
		if w.Covers(send) {
			ids = append(ids, w.Window)
		}
	}
	return ids
}

// Covers reports whether any window makes a send free.
func (s Set) Covers(send Send) bool {
	return slices.ContainsFunc(s.windows, func(w State) bool { return w.Covers(send) })
}
