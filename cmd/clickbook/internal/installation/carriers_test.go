package installation

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
)

// openWith opens a new data directory and runs commands of the installation in it.
func openWith(t *testing.T, at Location, trial bool, cmds ...domain.Command) (*Installation, error) {
	t.Helper()
	in, err := Open(t.Context(), at, Options{
		Now: time.Now, Trial: trial, Lax: true,
		Network: func(now func() time.Time) *simulated.Network {
			return simulated.NewNetwork(1, simulated.Rates{}, now)
		},
	})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = in.Close() })
	for _, cmd := range cmds {
		if _, err := in.Engine.Do(t.Context(), commands.ForInstallation(Operator), cmd); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	if err := in.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return in, nil
}

func twilioNamed(name string, secrets ...provider.NewSecret) provider.Register {
	return provider.Register{Provider: name, Kind: "twilio", Secrets: secrets, Settings: []provider.Setting{
		{Name: "account_sid", Value: "AC" + strings.Repeat("0", 32)},
	}}
}

func token() provider.NewSecret {
	return provider.NewSecret{Name: "auth_token", Value: domain.Secret(strings.Repeat("0", 32))}
}

// A server with a wrong configuration does not start, and names every mistake at once.
func TestServerNamesEveryMistakeOfItsProviders(t *testing.T) {
	in, err := openWith(t, Location{Data: t.TempDir()}, false,
		twilioNamed("secretless"), twilioNamed("good", token()), provider.Register{Provider: "old", Kind: "simulated"},
		provider.Register{Provider: "off", Kind: "carrier-pigeon"}, provider.Disable{Provider: "off", Reason: "tired"},
		route.Set{Country: "BR", Providers: []string{"good", "unheard-of"}},
		route.Set{Country: "US", Providers: []string{"good"}, Terms: []route.Term{
			{Provider: "good", Weight: 1000, Sender: "Clinic"},
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	err = in.checkProviders(context.Background())
	if err == nil {
		t.Fatal("the configuration was accepted")
	}
	for _, want := range []string{
		"provider secretless: auth_token is missing", `provider old: this installation has no providers of kind "simulated"`,
		"the route of BR names the provider unheard-of", "the route of US: US takes no sender of letters",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not say %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "off") {
		t.Errorf("a disabled provider keeps the server from starting:\n%v", err)
	}
}

// A trial has simulated providers only, for good, and an installation that sends real texts cannot become one.
func TestTrialAndRealProvidersExclude(t *testing.T) {
	at := Location{Data: t.TempDir()}
	in, err := openWith(t, at, true, provider.Register{Provider: "alpha", Kind: "simulated"}, twilioNamed("main", token()))
	if err != nil {
		t.Fatal(err)
	}
	if err := in.checkProviders(t.Context()); err == nil || !strings.Contains(err.Error(), `no providers of kind "twilio"`) {
		t.Errorf("a real provider in a trial is refused with %v", err)
	}
	at = Location{Data: t.TempDir()}
	if in, err = openWith(t, at, false, twilioNamed("main", token())); err != nil {
		t.Fatal(err)
	}
	if err := in.checkProviders(t.Context()); err != nil {
		t.Errorf("a correct configuration is refused with %v", err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openWith(t, at, true); err == nil || !strings.Contains(err.Error(), "cannot become a trial") {
		t.Errorf("a real installation was opened as a trial: %v", err)
	}
}
