package installation

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// checkProviders returns every mistake in the configuration of enabled providers and of routes at once, as a refusal to
// start. A server that cannot send looks like one that can until the first client waits for a text.
func (in *Installation) checkProviders(ctx context.Context) error {
	problems, err := in.providerProblems(ctx)
	if err != nil || len(problems) == 0 {
		return err
	}
	return domain.Refusef(domain.Disallowed, "providers_misconfigured", "the providers of texts are not configured "+
		"correctly:\n%s\nclickbook provider, with --data, can change this while the server is stopped",
		errors.Join(problems...))
}

// connections keeps the connections of providers that report over one.
func (in *Installation) connections() *sms.Connections {
	return &sms.Connections{
		Receiver: in.carriers, Log: in.options.Log,
		Names: func(ctx context.Context) ([]string, error) {
			registered, err := directory.Providers{DB: in.Views}.All(ctx)
			names := make([]string, len(registered))
			for i, one := range registered {
				names[i] = one.Name
			}
			return names, err
		},
	}
}

// providerProblems returns every mistake in the configuration of enabled providers and of routes.
func (in *Installation) providerProblems(ctx context.Context) (problems []error, err error) {
	registered, err := directory.Providers{DB: in.Views}.All(ctx)
	if err != nil {
		return nil, err
	}
	load := func(name string) (provider.State, error) {
		known, _, err := commands.Load(ctx, in.Engine, provider.Decider, provider.Stream(name))
		return known, err
	}
	names := make(map[string]bool)
	for _, one := range registered {
		names[one.Name] = true
		if one.Disabled {
			continue
		}
		known, err := load(one.Name)
		if err != nil {
			return nil, err
		}
		if _, err := in.carriers.Open(one.Name, known); err != nil {
			problems = append(problems, err)
		}
	}
	routes, err := directory.Providers{DB: in.Views}.Routes(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range routes {
		for _, name := range one.Set {
			if !names[name] {
				problems = append(problems, fmt.Errorf("the route of %s names the provider %s, which is not registered: "+
					"register it, or set the route without it", one.Country, name))
			}
		}
		_, invalid, err := in.carriers.CheckSenders(one.Country, one.Terms, load)
		if err != nil {
			return nil, err
		}
		if invalid != nil {
			problems = append(problems, fmt.Errorf("the route of %s: %w", one.Country, invalid))
		}
	}
	return problems, nil
}

// printProviders says what carries texts: what is configured, what is simulated and what is missing.
func (in *Installation) printProviders(ctx context.Context, out io.Writer) error {
	registered, err := directory.Providers{DB: in.Views}.All(ctx)
	if err != nil {
		return err
	}
	routes, err := directory.Providers{DB: in.Views}.Routes(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(registered) == 0:
		fmt.Fprintln(out, "texts: no provider is registered, so none are sent; clickbook provider register adds one")
		return nil
	case in.trial:
		fmt.Fprintln(out, "texts: this is a trial, so providers are simulated and no text leaves this machine")
	}
	for _, one := range registered {
		state := "configured"
		if one.Disabled {
			state = "disabled: " + one.Reason
		}
		fmt.Fprintf(out, "texts: %s is %s, %s\n", one.Name, one.Kind, state)
	}
	elsewhere := false
	for _, one := range routes {
		elsewhere = elsewhere || one.Country == route.Elsewhere
		if len(one.Order) == 0 {
			fmt.Fprintf(out, "texts: no provider is enabled for %s, so its texts wait\n", one.Country)
		}
	}
	if !elsewhere {
		fmt.Fprintln(out, "texts: no route for countries without their own (ZZ), so their texts wait")
	}
	return nil
}

// textOf returns the reference of the text to which a provider gave an id. What it cannot read is not found; a receipt
// asks again.
func (in *Installation) textOf(ctx context.Context, provider, id string) (string, bool) {
	found, ok, err := projections.ProviderIDs{DB: in.Views}.One(ctx, provider, id)
	if err != nil || !ok {
		return "", false
	}
	return messaging.ReferenceOf(found.Message, found.Number), true
}
