package demo

import (
	"context"
	"fmt"
	"io"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

// member is somebody who can sign in.
type member struct {
	role, name, email string
	of                *place // nil for an admin
}

// members returns those who can sign in, the clinic's first.
func (p *plan) members() []member {
	return []member{
		{team.Owner, "Robin Hart", "robin@example.com", p.clinic},
		{team.Staff, "Sam Ito", "sam@example.com", p.clinic},
		{team.Billing, "Billie Moreau", "billie@example.com", p.clinic},
		{team.Admin, "Alex Admin", "alex@example.com", nil},
		{team.Owner, "Ada Quill", "ada@example.com", p.school},
		{team.Owner, "Kit Marlow", "kit@example.com", p.traveller},
	}
}

// printLinks prints a new sign-in link for each of the members.
func (d *Demo) printLinks(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "\nto see the page, open one of these links; each works once, within 24 hours")
	for _, one := range d.plan.members() {
		at, origin := people.Place{Member: domain.DeriveID[domain.MemberID]("demo", one.email)}, operate("join", one.email)
		if one.of != nil {
			at.Account, origin = one.of.account, one.of.as("join", one.email)
		}
		if err := d.join(ctx, origin, at, one); err != nil {
			return fmt.Errorf("%s joins the demo: %w", one.name, err)
		}
		link, err := d.in.People.Printed(ctx, at)
		if err != nil {
			return err
		}
		who := one.role
		if one.of != nil && one.of != d.plan.clinic {
			who += " of " + one.of.form.Name
		}
		fmt.Fprintf(out, "  %-8s %s\n", who, link)
	}
	return nil
}

// join makes somebody a member. A second call changes nothing.
func (d *Demo) join(ctx context.Context, origin commands.Origin, at people.Place, one member) error {
	for _, cmd := range []domain.Command{
		team.Invite{Account: at.Account, Member: at.Member, Email: domain.Secret(one.email), Role: one.role},
		team.Join{Account: at.Account, Member: at.Member, Name: domain.Secret(one.name)},
	} {
		if _, err := d.in.Engine.Do(ctx, origin, cmd); err != nil {
			return err
		}
	}
	return nil
}
