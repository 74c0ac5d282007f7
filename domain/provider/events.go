package provider

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a provider.
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event of a provider stream.
var Types = domain.Types{
	domain.TypeOf[ProviderRegistered](),
	domain.TypeOf[ProviderChanged]().Retired(),
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
func (ProviderRegistered) EventType() string { return "ProviderRegistered" }
func (ProviderChanged) EventType() string    { return "ProviderChanged" }
func (ProviderDisabled) EventType() string   { return "ProviderDisabled" }
func (ProviderEnabled) EventType() string    { return "ProviderEnabled" }
