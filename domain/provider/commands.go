package provider

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a provider.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "provider_unknown", "there is no such provider; check its name")
	ErrExists  = domain.Refuse(domain.Disallowed, "provider_exists",
		"this provider is already registered with another kind or label; use another name")
	ErrName = domain.Refuse(domain.Invalid, "provider_name_invalid",
		"a provider is named with small letters, digits and dashes, up to 40")
	ErrKind = domain.Refuse(domain.Invalid, "provider_kind_invalid",
		"a provider's kind names its adapter with small letters, digits and dashes, up to 40")
	ErrSettings = domain.Refuse(domain.Invalid, "provider_settings_invalid",
		"a provider has up to 40 settings and secrets, each named once with small letters, digits, dashes and "+
			"underscores, and with a value of 1 to 8000 bytes")
	ErrSecretUnknown = domain.Refuse(domain.Unknown, "secret_unknown",
		"this provider has no secret of this name; check its name")
)

// Command is a request to change a provider.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Register adds a provider with its configuration. Kind names its adapter: "simulated". The caller has checked the
// settings and secrets against the kind.
type Register struct {
	Provider, Kind, Label string
	Settings              []Setting
	Secrets               []NewSecret
}

// NewSecret is the value that a secret is to have.
type NewSecret struct {
	Name  string
	Value domain.Private
}

// Configure replaces the settings of a provider. Its secrets stay.
type Configure struct {
	Provider string
	Settings []Setting
}

// SetSecret sets the newest value of a secret. The value before it stays valid.
type SetSecret struct {
	Provider string
	NewSecret
}

// DropSecret ends the older of two valid values of a secret.
type DropSecret struct{ Provider, Name string }

// Disable takes a provider out of every route until it is enabled.
type Disable struct{ Provider, Reason string }

// Enable allows a provider to be used again.
type Enable struct{ Provider string }

// Stream returns the stream of the provider.
func (c Register) Stream() domain.Stream   { return Stream(c.Provider) }
func (c Configure) Stream() domain.Stream  { return Stream(c.Provider) }
func (c SetSecret) Stream() domain.Stream  { return Stream(c.Provider) }
func (c DropSecret) Stream() domain.Stream { return Stream(c.Provider) }
func (c Disable) Stream() domain.Stream    { return Stream(c.Provider) }
func (c Enable) Stream() domain.Stream     { return Stream(c.Provider) }

func (c Register) decide(s State) ([]Event, error) {
	switch {
	case !domain.IsShortName(c.Provider):
		return nil, ErrName
	case !domain.IsShortName(c.Kind):
		return nil, ErrKind
	case s.Kind != "" && (s.Kind != c.Kind || s.Label != c.Label):
		return nil, ErrExists
	case s.Kind != "":
		return nil, nil
	}
	settings, err := ordered(c.Settings)
	if err != nil {
		return nil, err
	}
	events := []Event{ProviderRegistered{Provider: c.Provider, Kind: c.Kind, Label: c.Label}}
	if len(settings) > 0 {
		events = append(events, ProviderConfigured{Provider: c.Provider, Settings: settings})
	}
	for i, secret := range c.Secrets {
		again := slices.ContainsFunc(c.Secrets[:i], func(one NewSecret) bool { return one.Name == secret.Name })
		if again || i >= maxSettings || !secret.valid() {
			return nil, ErrSettings
		}
		events = append(events, ProviderSecretSet{Provider: c.Provider, Name: secret.Name, Value: secret.Value})
	}
	return events, nil
}

func (c Configure) decide(s State) ([]Event, error) {
	if s.Kind == "" {
		return nil, ErrUnknown
	}
	settings, err := ordered(c.Settings)
	if err != nil || slices.Equal(settings, s.Settings) {
		return nil, err
	}
	return []Event{ProviderConfigured{Provider: c.Provider, Settings: settings}}, nil
}

func (c SetSecret) decide(s State) ([]Event, error) {
	switch values := s.Valid(c.Name); {
	case s.Kind == "":
		return nil, ErrUnknown
	case !c.valid():
		return nil, ErrSettings
	case len(values) > 0 && values[0].Reveal() == c.Value.Reveal():
		return nil, nil
	}
	return []Event{ProviderSecretSet{Provider: c.Provider, Name: c.Name, Value: c.Value}}, nil
}

func (c DropSecret) decide(s State) ([]Event, error) {
	switch values := s.Valid(c.Name); {
	case s.Kind == "":
		return nil, ErrUnknown
	case len(values) == 0:
		return nil, ErrSecretUnknown
	case len(values) == 1:
		return nil, nil
	}
	return []Event{ProviderSecretDropped(c)}, nil
}

const (
	maxSettings = 40
	maxValue    = 8000 // bytes; a private key of 4096 bits takes 3300
	maxName     = 60
)

// ordered returns a sorted copy of settings, or ErrSettings.
func ordered(settings []Setting) ([]Setting, error) {
	sorted := slices.Clone(settings)
	slices.SortFunc(sorted, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) })
	for i, one := range sorted {
		again := i > 0 && sorted[i-1].Name == one.Name
		if again || i >= maxSettings || !isSettingName(one.Name) || one.Value == "" || len(one.Value) > maxValue {
			return nil, ErrSettings
		}
	}
	return sorted, nil
}

func (n NewSecret) valid() bool {
	value := n.Value.Reveal()
	return isSettingName(n.Name) && value != "" && len(value) <= maxValue
}

// isSettingName reports whether a name has small letters, digits, dashes and underscores only.
func isSettingName(name string) bool {
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' }
	return name != "" && len(name) <= maxName && !strings.ContainsFunc(name, other)
}

func (c Disable) decide(s State) ([]Event, error) {
	switch {
	case s.Kind == "":
		return nil, ErrUnknown
	case s.Disabled:
		return nil, nil
	}
	return []Event{ProviderDisabled(c)}, nil
}

func (c Enable) decide(s State) ([]Event, error) {
	switch {
	case s.Kind == "":
		return nil, ErrUnknown
	case !s.Disabled:
		return nil, nil
	}
	return []Event{ProviderEnabled(c)}, nil
}
