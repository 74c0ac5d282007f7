package installation

import (
	"context"
	"fmt"
	"io"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
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

// demoMember is somebody of the demo who can sign in.
type demoMember struct{ role, name, email string }

// printDemoLinks prints a new sign-in link for each role of an account, and for an admin. The people are made up.
func (in *Installation) printDemoLinks(ctx context.Context, out io.Writer, of domain.AccountID) error {
	fmt.Fprintln(out, "\nto see the page, open one of these links; each works once, within 24 hours")
	for _, one := range []demoMember{
		{team.Owner, "Robin Hart", "robin@example.com"},
		{team.Staff, "Sam Ito", "sam@example.com"},
		{team.Billing, "Billie Moreau", "billie@example.com"},
		{team.Admin, "Alex Admin", "alex@example.com"},
	} {
		at := people.Place{Account: of, Member: domain.DeriveID[domain.MemberID]("demo", one.role)}
		if one.role == team.Admin {
			at.Account = domain.AccountID{}
		}
		if err := in.join(ctx, at, one); err != nil {
			return fmt.Errorf("seed the demo: %w", err)
		}
		link, err := in.People.Printed(ctx, at)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-8s %s\n", one.role, link)
	}
	return nil
}

// join makes somebody a member. A second call changes nothing.
func (in *Installation) join(ctx context.Context, at people.Place, one demoMember) error {
	for _, cmd := range []domain.Command{
		team.Invite{Account: at.Account, Member: at.Member, Email: domain.Secret(one.email), Role: one.role},
		team.Join{Account: at.Account, Member: at.Member, Name: domain.Secret(one.name)},
	} {
		if _, err := in.Engine.Do(ctx, originOfKey(at.Account), cmd); err != nil {
			return err
		}
	}
	return nil
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
