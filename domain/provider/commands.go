package provider

import "github.com/clickbook/clickbook/domain"

// Refusals of commands about a provider.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "provider_unknown", "there is no such provider; check its name")
	ErrExists  = domain.Refuse(domain.Disallowed, "provider_exists",
		"this provider is already registered with another kind or label; use another name")
	ErrName = domain.Refuse(domain.Invalid, "provider_name_invalid",
		"a provider is named with small letters, digits and dashes, up to 40")
	ErrKind = domain.Refuse(domain.Invalid, "provider_kind_invalid",
		"a provider's kind names its adapter with small letters, digits and dashes, up to 40")
)

// Command is a request to change a provider.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Register adds a provider. Kind names its adapter: "simulated".
type Register struct{ Provider, Kind, Label string }

// Disable takes a provider out of every route until it is enabled.
type Disable struct{ Provider, Reason string }

// Enable allows a provider to be used again.
type Enable struct{ Provider string }

// Stream returns the stream of the provider.
func (c Register) Stream() domain.Stream { return Stream(c.Provider) }
func (c Disable) Stream() domain.Stream  { return Stream(c.Provider) }
func (c Enable) Stream() domain.Stream   { return Stream(c.Provider) }

func (c Register) decide(s State) ([]Event, error) {
	switch {
	case !domain.IsShortName(c.Provider):
		return nil, ErrName
	case !domain.IsShortName(c.Kind):
		return nil, ErrKind
	case s.Kind == "":
		return []Event{ProviderRegistered(c)}, nil
	case s.Kind != c.Kind || s.Label != c.Label:
		return nil, ErrExists
	}
	return nil, nil
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
