package window

// State is a refund window.
type State struct {
	Window   string
	Terms          // as they are now
	Declared Terms // as they were first, by which a repeated declaration is known
	Revoked  bool
	Signed   Signed // of the last change
}

// Evolve is the state after one more event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// Exists reports whether the window was ever declared.
func (s State) Exists() bool { return s.Window != "" }

// Covers reports whether a send is free by this window.
func (s State) Covers(send Send) bool {
	if !s.Exists() || s.Revoked || !s.Scope.admits(send) {
		return false
	}
	bounds, err := s.Bounds.Interval(send.Home)
	return err == nil && !send.At.Before(bounds.Start) && send.At.Before(bounds.End)
}

func (e RefundWindowDeclared) evolve(State) State {
	return State{Window: e.Window, Terms: e.Terms, Declared: e.Terms, Signed: e.Signed}
}

func (e RefundWindowAmended) evolve(s State) State {
	s.Terms, s.Signed = e.Terms, e.Signed
	return s
}

func (e RefundWindowRevoked) evolve(s State) State {
	s.Revoked, s.Signed = true, e.Signed
	return s
}
