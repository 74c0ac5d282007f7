package window

import "slices"

// Set is all windows known at a point of the log, in the order of declaration. It is a value: With returns another
// set.
type Set struct{ windows []State }

// With returns the set after one more event. A proposal is no window yet.
func (s Set) With(e Event) Set {
	if _, proposed := e.(RefundWindowProposed); proposed {
		return s
	}
	windows := slices.Clone(s.windows)
	i := slices.IndexFunc(windows, func(w State) bool { return w.Window == e.ID() })
	if i < 0 {
		return Set{append(windows, e.evolve(State{}))}
	}
	windows[i] = e.evolve(windows[i])
	return Set{windows}
}

// Window returns a window by its id, or the zero State if it was never declared.
func (s Set) Window(id string) State {
	for _, w := range s.windows {
		if w.Window == id {
			return w
		}
	}
	return State{}
}

// All returns all windows, including revoked ones.
func (s Set) All() []State { return slices.Clone(s.windows) }

// Covering returns the ids of the windows that make a send free.
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
