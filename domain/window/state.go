package window

// State is a refund window.
type State struct {
	Window   string
	Terms          // current
	Declared Terms // as first declared, to recognise a repeated declaration
	Revoked  bool
	Clawback bool   // the revocation took refunds back
	Signed   Signed // by the last change
	Proposal Proposal
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// Exists reports whether the window was ever declared.
func (s State) Exists() bool { return s.Window != "" }

// Covers reports whether the window makes a send free.
func (s State) Covers(send Send) bool {
	if !s.Exists() || s.Revoked || !s.Scope.admits(send) {
		return false
	}
	bounds, err := s.Bounds.Interval(send.Home)
	return err == nil && !send.At.Before(bounds.Start) && send.At.Before(bounds.End)
}

func (e RefundWindowProposed) evolve(s State) State {
	s.Proposal = Proposal{e.Outage, e.Terms}
	return s
}

func (e RefundWindowDeclared) evolve(s State) State {
	return State{Window: e.Window, Terms: e.Terms, Declared: e.Terms, Signed: e.Signed, Proposal: s.Proposal}
}

func (e RefundWindowAmended) evolve(s State) State {
	s.Terms, s.Signed = e.Terms, e.Signed
	return s
}

func (e RefundWindowRevoked) evolve(s State) State {
	s.Revoked, s.Clawback, s.Signed = true, e.Clawback, e.Signed
	return s
}
