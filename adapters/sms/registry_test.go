package sms_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/provider"
)

func TestAProviderLooksUpItsOwnTexts(t *testing.T) {
	var got sms.Config
	registry := sms.NewRegistry(sms.RegistryOptions{
		Lookup: func(_ context.Context, provider, id string) (string, bool) { return provider + " " + id, true },
	}, sms.Kind{Name: "k", Open: func(config sms.Config) (messaging.Provider, error) {
		got = config
		return nil, nil
	}})
	if _, err := registry.Open("alpha", provider.State{Kind: "k"}); err != nil {
		t.Fatal(err)
	}
	if reference, _ := got.Lookup(t.Context(), "7"); reference != "alpha 7" {
		t.Errorf("got %q", reference)
	}
}
