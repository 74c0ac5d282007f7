package provider

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a provider.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event of a provider stream.
var Types = domain.Types{
	domain.TypeOf[ProviderRegistered](),
	domain.TypeOf[ProviderChanged]().Retired(),
	domain.TypeOf[ProviderConfigured](),
	domain.TypeOf[ProviderSecretSet](),
	domain.TypeOf[ProviderSecretDropped](),
	domain.TypeOf[ProviderDisabled](),
	domain.TypeOf[ProviderEnabled](),
}

// ProviderRegistered adds an SMS provider to the installation.
type ProviderRegistered struct {
	Provider string `json:"provider"` // short name: "alpha"
	Kind     string `json:"kind"`     // which adapter speaks to it: simulated, …
	Label    string `json:"label,omitzero"`
}

// ProviderChanged replaces kind and label.
type ProviderChanged struct {
	Provider string `json:"provider"`
	Kind     string `json:"kind"`
	Label    string `json:"label,omitzero"`
}

// ProviderConfigured replaces the settings of a provider.
type ProviderConfigured struct {
	Provider string    `json:"provider"`
	Settings []Setting `json:"settings"` // by name, each name once
}

// Setting is one value of a provider's configuration that is no secret.
type Setting struct {
	Name  string `json:"name"` // as its kind names it: "base_url"
	Value string `json:"value"`
}

// ProviderSecretSet sets the newest value of a secret. The value before it stays valid until it is dropped or
// replaced, so that a secret can be changed at the provider and here one after the other.
type ProviderSecretSet struct {
	Provider string         `json:"provider"`
	Name     string         `json:"name"` // as its kind names it: "auth_token"
	Value    domain.Private `json:"value"`
}

// ProviderSecretDropped ends the older of two valid values of a secret.
type ProviderSecretDropped struct {
	Provider string `json:"provider"`
	Name     string `json:"name"`
}

// ProviderDisabled takes a provider out of every route until it is enabled.
type ProviderDisabled struct {
	Provider string `json:"provider"`
	Reason   string `json:"reason"`
}

// ProviderEnabled allows a provider to be used again.
type ProviderEnabled struct {
	Provider string `json:"provider"`
}

// EventType returns the stored name.
func (ProviderRegistered) EventType() string    { return "ProviderRegistered" }
func (ProviderChanged) EventType() string       { return "ProviderChanged" }
func (ProviderConfigured) EventType() string    { return "ProviderConfigured" }
func (ProviderSecretSet) EventType() string     { return "ProviderSecretSet" }
func (ProviderSecretDropped) EventType() string { return "ProviderSecretDropped" }
func (ProviderDisabled) EventType() string      { return "ProviderDisabled" }
func (ProviderEnabled) EventType() string       { return "ProviderEnabled" }

// Subject returns the provider, which owns its secrets.
func (e ProviderSecretSet) Subject() domain.Subject { return Stream(e.Provider) }
