package provider_test

import (
	"slices"
	"testing"

	"github.com/clickbook/clickbook/domain"
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
	examples := append(configuring(), []example{
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
	}...)
	domaintest.Run(t, provider.Decider, examples)
}

func configuring() []example {
	register := provider.Register{
		Provider: "t1", Kind: "twilio",
		Settings: []provider.Setting{{Name: "sender", Value: "+15005550006"}, {Name: "account_sid", Value: "AC0"}},
		Secrets:  []provider.NewSecret{{Name: "auth_token", Value: domain.Secret("first")}},
	}
	registered := provider.ProviderRegistered{Provider: "t1", Kind: "twilio"}
	configured := provider.ProviderConfigured{
		Provider: "t1",
		Settings: []provider.Setting{{Name: "account_sid", Value: "AC0"}, {Name: "sender", Value: "+15005550006"}},
	}
	first := secretSet("first")
	second := secretSet("second")
	dropped := provider.ProviderSecretDropped{Provider: "t1", Name: "auth_token"}
	known := given(registered, configured, first)
	set := func(name, value string) provider.Command {
		return provider.SetSecret{
			Provider: "t1", NewSecret: provider.NewSecret{Name: name, Value: domain.Secret(value)},
		}
	}
	drop := provider.DropSecret{Provider: "t1", Name: "auth_token"}
	twice, unnamed := register, register
	twice.Settings = []provider.Setting{{Name: "sender", Value: "a"}, {Name: "sender", Value: "b"}}
	unnamed.Secrets = []provider.NewSecret{{Name: "Auth Token", Value: domain.Secret("x")}}
	return []example{
		{Name: "registers with its configuration", When: register, Then: known},
		{Name: "registers again", Given: known, When: register},
		{Name: "a setting twice", When: twice, Refused: provider.ErrSettings},
		{Name: "a secret with a space in its name", When: unnamed, Refused: provider.ErrSettings},
		{
			Name: "is configured", Given: given(registered, first),
			When: provider.Configure{Provider: "t1", Settings: register.Settings}, Then: given(configured),
		},
		{Name: "is configured as it is", Given: known, When: provider.Configure{Provider: "t1", Settings: register.Settings}},
		{
			Name: "an empty setting", Given: known,
			When:    provider.Configure{Provider: "t1", Settings: []provider.Setting{{Name: "sender"}}},
			Refused: provider.ErrSettings,
		},
		{Name: "unknown is configured", When: provider.Configure{Provider: "t1"}, Refused: provider.ErrUnknown},
		{Name: "a secret is replaced", Given: known, When: set("auth_token", "second"), Then: given(second)},
		{Name: "a secret is set again", Given: known, When: set("auth_token", "first")},
		{Name: "an empty secret", Given: known, When: set("auth_token", ""), Refused: provider.ErrSettings},
		{Name: "a secret of an unknown provider", When: set("auth_token", "x"), Refused: provider.ErrUnknown},
		{
			Name: "the older secret is dropped", Given: append(slices.Clone(known), second), When: drop, Then: given(dropped),
		},
		{Name: "there is no older secret", Given: known, When: drop},
		{Name: "the older secret was dropped", Given: append(slices.Clone(known), second, dropped), When: drop},
		{
			Name: "a secret that is not there is dropped", Given: known,
			When: provider.DropSecret{Provider: "t1", Name: "password"}, Refused: provider.ErrSecretUnknown,
		},
		{Name: "a secret of an unknown provider is dropped", When: drop, Refused: provider.ErrUnknown},
	}
}

func secretSet(value string) provider.ProviderSecretSet {
	return provider.ProviderSecretSet{Provider: "t1", Name: "auth_token", Value: domain.Secret(value)}
}

func TestTwoValuesOfASecretAreValid(t *testing.T) {
	var state provider.State
	for _, value := range []string{"first", "second", "third"} {
		state = provider.Evolve(state, secretSet(value))
	}
	var valid []string
	for _, value := range state.Valid("auth_token") {
		valid = append(valid, value.Reveal())
	}
	if !slices.Equal(valid, []string{"third", "second"}) {
		t.Fatalf("%v are valid, want third and second", valid)
	}
}
