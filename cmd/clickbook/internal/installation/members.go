package installation

import (
	"context"
	"fmt"
	"io"

	"github.com/clickbook/clickbook/adapters/sso"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/projections/directory"
)

// printFirstLink prints the link that makes the first admin.
func (in *Installation) printFirstLink(ctx context.Context, out io.Writer) error {
	link, err := in.People.PrintedFirst(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nto set up the page, open this link within 24 hours; it works once\n  %s\n", link)
	return err
}

// LinkFor returns a new sign-in link for a member, or that of the first admin if the installation has none.
func (in *Installation) LinkFor(ctx context.Context, of domain.AccountID, email string) (link string, err error) {
	state, _, err := commands.Load(ctx, in.Engine, team.Decider, team.Stream(of))
	if err != nil {
		return "", err
	}
	if len(state.Members) == 0 && of.IsZero() && email == "" {
		return in.People.PrintedFirst(ctx)
	}
	member, ok := state.ByEmail(email)
	if !ok {
		return "", team.ErrUnknown
	}
	return in.People.Printed(ctx, people.Place{Account: of, Member: member.ID})
}

// Members returns the members of a team who were not removed.
func (in *Installation) Members(ctx context.Context, of domain.AccountID) (present []team.Member, err error) {
	state, _, err := commands.Load(ctx, in.Engine, team.Decider, team.Stream(of))
	for _, one := range state.Members {
		if !one.Removed {
			present = append(present, one)
		}
	}
	return present, err
}

// Invite invites somebody and returns the link by which they join. It refuses an account that does not exist.
func (in *Installation) Invite(ctx context.Context, invite team.Invite) (link string, err error) {
	if !invite.Account.IsZero() {
		of, _, err := commands.Load(ctx, in.Engine, account.Decider, account.Stream(invite.Account))
		if err == nil && !of.Open {
			err = account.ErrUnknown
		}
		if err != nil {
			return "", err
		}
	}
	if _, err := in.Engine.Do(ctx, originOfKey(invite.Account), invite); err != nil {
		return "", err
	}
	if err := in.CatchUp(ctx); err != nil {
		return "", err
	}
	return in.People.Printed(ctx, people.Place{Account: invite.Account, Member: invite.Member})
}

// organisation returns the provider of the organisation and the address that begins a sign-in, nil and "" if none is
// configured.
func (in *Installation) organisation() (provider *sso.Provider, begin string) {
	if in.options.Organisation.Issuer == "" {
		return nil, ""
	}
	config := in.options.Organisation
	config.Base = in.People.Base
	return sso.New(config, in.People), config.Base + sso.BeginPath
}

// memberRows is the people.Directory of a read model.
type memberRows struct{ directory.Members }

func (q memberRows) WithEmail(ctx context.Context, email string) ([]people.Place, error) {
	rows, err := q.Members.WithEmail(ctx, email)
	places := make([]people.Place, len(rows))
	for i, row := range rows {
		places[i] = people.Place{Account: row.Account, Member: row.ID}
	}
	return places, err
}
