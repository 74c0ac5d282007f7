package provider

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// State is what senders need to know about a provider.
type State struct {
	Kind     string // "" until it is registered
	Label    string
	Disabled bool
	Reason   string    // why it is disabled
	Settings []Setting // by name
	Secrets  []Secret  // by name
}

// Secret is one secret of a provider with its valid values, the newest first, at most two.
type Secret struct {
	Name   string
	Values []domain.Private
}

// maxValid is how many values of a secret are valid at once.
const maxValid = 2

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

func (e ProviderConfigured) evolve(s State) State {
	s.Settings = slices.Clone(e.Settings)
	return s
}

func (e ProviderSecretSet) evolve(s State) State {
	return s.withSecret(e.Name, func(values []domain.Private) []domain.Private {
		values = append([]domain.Private{e.Value}, values...)
		return values[:min(len(values), maxValid)]
	})
}

func (e ProviderSecretDropped) evolve(s State) State {
	return s.withSecret(e.Name, func(values []domain.Private) []domain.Private { return values[:min(len(values), 1)] })
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

// Valid returns the valid values of a secret, the newest first.
func (s State) Valid(name string) []domain.Private {
	at := slices.IndexFunc(s.Secrets, func(one Secret) bool { return one.Name == name })
	if at < 0 {
		return nil
	}
	return s.Secrets[at].Values
}

// withSecret returns the state with the changed values of a secret. It changes no slice of s.
func (s State) withSecret(name string, change func([]domain.Private) []domain.Private) State {
	s.Secrets = slices.Clone(s.Secrets)
	for at, one := range s.Secrets {
		if one.Name == name {
			s.Secrets[at].Values = change(one.Values)
			return s
		}
	}
	s.Secrets = append(s.Secrets, Secret{Name: name, Values: change(nil)})
	slices.SortFunc(s.Secrets, func(a, b Secret) int { return strings.Compare(a.Name, b.Name) })
	return s
}
