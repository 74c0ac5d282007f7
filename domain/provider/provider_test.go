package provider_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/provider"
)

type example = domaintest.Example[provider.Command, provider.Event]

func given(events ...provider.Event) []provider.Event { return events }

func TestProvider(t *testing.T) {
	registered := provider.ProviderRegistered{Provider: "alpha", Kind: "simulated", Label: "Alpha Telecom"}
	disabled := provider.ProviderDisabled{Provider: "alpha", Reason: "banned in BR"}
	changed := provider.ProviderChanged{Provider: "alpha", Kind: "simulated", Label: "Alpha"}
	register := provider.Register{Provider: "alpha", Kind: "simulated", Label: "Alpha Telecom"}
	disable := provider.Disable{Provider: "alpha", Reason: "banned in BR"}
	enable := provider.Enable{Provider: "alpha"}
	domaintest.Run(t, provider.Decider, []example{
		{Name: "registers", When: register, Then: given(registered)},
		{Name: "registers otherwise", Given: given(registered, changed), When: register, Refused: provider.ErrExists},
		{
			Name: "a name with a space", When: provider.Register{Provider: "Alpha Telecom", Kind: "simulated"},
			Refused: provider.ErrName,
		},
		{Name: "no kind", When: provider.Register{Provider: "alpha"}, Refused: provider.ErrKind},
		{Name: "is disabled", Given: given(registered), When: disable, Then: given(disabled)},
		{Name: "unknown is disabled", When: disable, Refused: provider.ErrUnknown},
		{
			Name: "is enabled", Given: given(registered, disabled), When: enable,
			Then: given(provider.ProviderEnabled{Provider: "alpha"}),
		},
		{Name: "was never disabled", Given: given(registered), When: enable},
		{Name: "unknown is enabled", When: enable, Refused: provider.ErrUnknown},
	})
}
