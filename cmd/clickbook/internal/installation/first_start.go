package installation

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/apikey"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections/directory"
)

// printStart prints where the server is and, at the first start, the admin key.
func (in *Installation) printStart(ctx context.Context, out io.Writer, url string, demo Demo) error {
	fmt.Fprintf(out, "ClickBook serves %s at %s\nthe API is described at %s/docs\n", in.at.Data, url, url)
	fmt.Fprintln(out, in.describeMail())
	if in.trial {
		if err := in.AddSimulatedProviders(ctx); err != nil {
			return err
		}
		if _, err := in.Projector.CatchUp(ctx); err != nil { // they are shown below
			return err
		}
	}
	if err := in.printProviders(ctx, out); err != nil {
		return err
	}
	issued, err := directory.Keys{DB: in.Views}.Of(ctx, domain.AccountID{})
	if err != nil {
		return err
	}
	if len(issued) == 0 {
		admin, err := in.Issue(ctx, domain.AccountID{}, access.Admin, "first start")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\nadmin key, printed only now and not stored: keep it\n  ADMIN_KEY=%s\n", admin)
		if demo == nil { // the people of a demo have joined
			if err := in.printFirstLink(ctx, out); err != nil {
				return err
			}
		}
	}
	if demo != nil {
		return demo.Print(ctx, out, url)
	}
	return nil
}

// Issue creates an API key and returns its text. A zero account means a key of the installation.
func (in *Installation) Issue(ctx context.Context, of domain.AccountID, role, label string) (string, error) {
	key := apikey.Mint(uuid.New())
	_, err := in.Engine.Do(ctx, originOfKey(of), access.Issue{
		Account: of, Prefix: key.Prefix, Hash: key.Hash, Role: role, Label: label,
	})
	return key.Text, err
}

// Operator is the actor of commands that the program sends itself or for the command line.
var Operator = domain.Actor{ID: "operator", Channel: "cli"}

// originOfKey returns the origin of a key's stream: the key's account, or the installation for a key without one.
func originOfKey(of domain.AccountID) commands.Origin {
	if of.IsZero() {
		return commands.ForInstallation(Operator)
	}
	return commands.ForAccount(of, Operator)
}

// AddSimulatedProviders gives a trial without providers two simulated providers, and routes every country to them.
func (in *Installation) AddSimulatedProviders(ctx context.Context) error {
	known, err := directory.Providers{DB: in.Views}.All(ctx)
	if err != nil || len(known) > 0 {
		return err
	}
	origin := commands.ForInstallation(Operator)
	for _, name := range []string{"alpha", "beta"} {
		if _, err := in.Engine.Do(ctx, origin, provider.Register{Provider: name, Kind: "simulated"}); err != nil {
			return err
		}
	}
	_, err = in.Engine.Do(ctx, origin, route.Set{Country: route.Elsewhere, Providers: []string{"alpha", "beta"}})
	return err
}
