package provider

// State is what senders need to know about a provider.
type State struct {
	Kind     string // "" until it is registered
	Label    string
	Disabled bool
	Reason   string // why it is disabled
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e ProviderRegistered) evolve(s State) State {
	s.Kind, s.Label = e.Kind, e.Label
	return s
}

func (e ProviderChanged) evolve(s State) State {
	s.Kind, s.Label = e.Kind, e.Label
	return s
}

func (e ProviderDisabled) evolve(s State) State {
	s.Disabled, s.Reason = true, e.Reason
	return s
}

func (ProviderEnabled) evolve(s State) State {
	s.Disabled, s.Reason = false, ""
	return s
}

// Enabled reports whether the provider may be used.
func (s State) Enabled() bool { return s.Kind != "" && !s.Disabled }
