package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	pgviews "github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/sqlite/dbfile"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

func newMember(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "member", Short: "List and invite those who sign in to the page, and make links for them"}
	group.AddCommand(newMemberList(std, getenv), newMemberInvite(std, getenv), newMemberLink(std, getenv))
	return group
}

// memberTarget is whose members a command is about, and where.
type memberTarget struct {
	at      installation.Location
	server  remote.Server
	account string
	url     string
}

func (t *memberTarget) flags(cmd *cobra.Command, getenv func(string) string) {
	locationFlags(&t.at, cmd, getenv)
	t.server.Flags(cmd, getenv)
	cmd.Flags().StringVar(&t.account, "account", "", "`ID` of the account; without it, the admins of the installation")
	cmd.Flags().StringVar(&t.url, "url", getenv("CLICKBOOK_URL"),
		"`URL` that the link begins with, as for serve (or CLICKBOOK_URL)")
}

func (t *memberTarget) id() (id domain.AccountID, err error) {
	if t.account == "" {
		return id, nil
	}
	if id, err = domain.ParseID[domain.AccountID](t.account); err != nil {
		return id, cli.AsUsage(fmt.Errorf("invalid --account: %w", err))
	}
	return id, nil
}

// path returns the address of the members in the API.
func (t *memberTarget) path() string {
	if t.account == "" {
		return "/members"
	}
	return "/accounts/" + t.account + "/members"
}

// open opens the data directory, which no server may use meanwhile.
func (t *memberTarget) open(ctx context.Context) (*installation.Installation, error) {
	if err := checkURL(t.url); err != nil {
		return nil, cli.AsUsage(err)
	}
	in, err := installation.OpenExistingAt(ctx, t.at, t.url)
	if errors.Is(err, dbfile.ErrLocked) || errors.Is(err, pgviews.ErrLocked) {
		return nil, fmt.Errorf("%w. If it is the server, stop it for a moment, run this again and start it; "+
			"or use --server with an admin key in CLICKBOOK_KEY", err)
	}
	return in, err
}

// listedMember is a member as the API and the data directory list them.
type listedMember struct {
	Member, Email, Name, Role, State string
}

func (t *memberTarget) list(ctx context.Context) ([]listedMember, error) {
	if t.server.Given() {
		if err := t.server.Check(); err != nil {
			return nil, err
		}
		var found struct{ Items []listedMember }
		err := t.server.Get(ctx, t.path(), nil, &found)
		return found.Items, err
	}
	of, err := t.id()
	if err != nil {
		return nil, err
	}
	in, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	members, err := in.Members(ctx, of)
	listed := make([]listedMember, len(members))
	for i, one := range members {
		listed[i] = listedMember{one.ID.String(), one.Email.Reveal(), one.Name.Reveal(), one.Role, "invited"}
		if one.Joined {
			listed[i].State = "joined"
		}
	}
	return listed, errors.Join(err, in.Close())
}

func newMemberList(std cli.Streams, getenv func(string) string) *cobra.Command {
	var target memberTarget
	cmd := &cobra.Command{
		Use: "list", Short: "List the members of an account, or the admins", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			members, err := target.list(cmd.Context())
			if err != nil {
				return err
			}
			return writeMembers(std.Out, members)
		},
	}
	target.flags(cmd, getenv)
	return cmd
}

func writeMembers(out io.Writer, members []listedMember) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "email\tname\trole\tstate")
	for _, one := range members {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.Email, one.Name, one.Role, one.State)
	}
	return table.Flush()
}

func newMemberInvite(std cli.Streams, getenv func(string) string) *cobra.Command {
	var target memberTarget
	var role string
	cmd := &cobra.Command{
		Use: "invite EMAIL", Short: "Invite somebody and print the link by which they join",
		Long: `Invites somebody and prints the link by which they join: it works once, within a week. Give it to them
yourself. With --server, the running server sends it by email instead.`,
		Example: "  clickbook member invite --data ./may --account ID --role owner ana@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if target.server.Given() {
				if err := target.server.Check(); err != nil {
					return err
				}
				body := map[string]string{"email": args[0], "role": target.role(role)}
				if err := target.server.Post(cmd.Context(), target.path(), body, nil); err != nil {
					return err
				}
				_, err := fmt.Fprintf(std.Out, "the server sends the invitation to %s\n", args[0])
				return err
			}
			link, err := target.invite(cmd.Context(), args[0], role)
			if err != nil {
				return err
			}
			return printLink(std.Out, link)
		},
	}
	target.flags(cmd, getenv)
	cmd.Flags().StringVar(&role, "role", "", "`ROLE`: owner, staff or billing of an account (owner if not given)")
	return cmd
}

// role returns the role to give: an admin's without an account, else an owner's if none is given.
func (t *memberTarget) role(given string) string {
	switch {
	case given != "":
		return given
	case t.account == "":
		return team.Admin
	}
	return team.Owner
}

func (t *memberTarget) invite(ctx context.Context, email, role string) (link string, err error) {
	of, err := t.id()
	if err != nil {
		return "", err
	}
	address, err := domain.ParseEmail(email)
	if err != nil {
		return "", err
	}
	in, err := t.open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return in.Invite(ctx, team.Invite{
		Account: of, Member: domain.MemberID{UUID: uuid.New()}, Email: domain.Secret(address), Role: t.role(role),
	})
}

func newMemberLink(std cli.Streams, getenv func(string) string) *cobra.Command {
	var target memberTarget
	cmd := &cobra.Command{
		Use: "link [EMAIL]", Short: "Make and print a sign-in link for a member",
		Long: `Makes a link by which a member signs in, for an operator who is locked out. It works once, within 24 hours.
Without an email address and before the installation has an admin, it is the link that makes the first admin.

Stop a server on the same data directory for that moment. With --server and an admin key in CLICKBOOK_KEY, the running
server makes the link.`,
		Example: "  clickbook member link --data ./may\n  clickbook member link --data ./may --account ID ana@example.com",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			email := ""
			if len(args) > 0 {
				email = args[0]
			}
			link, err := target.link(cmd.Context(), email)
			if err != nil {
				return err
			}
			return printLink(std.Out, link)
		},
	}
	target.flags(cmd, getenv)
	return cmd
}

func printLink(out io.Writer, link string) error {
	_, err := fmt.Fprintf(out, "open this link to sign in; it works once\n  %s\n", link)
	return err
}

func (t *memberTarget) link(ctx context.Context, email string) (link string, err error) {
	if t.server.Given() {
		return t.linkRemotely(ctx, email)
	}
	of, err := t.id()
	if err != nil {
		return "", err
	}
	in, err := t.open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return in.LinkFor(ctx, of, email)
}

func (t *memberTarget) linkRemotely(ctx context.Context, email string) (string, error) {
	members, err := t.list(ctx)
	if err != nil {
		return "", err
	}
	for _, one := range members {
		if team.SameEmail(one.Email, email) {
			var made struct{ Link string }
			err := t.server.Post(ctx, t.path()+"/"+one.Member+"/link", nil, &made)
			return made.Link, err
		}
	}
	return "", team.ErrUnknown
}
