package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

func newClient(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "client", Short: "Find a client, or forget one for ever"}
	group.AddCommand(newClientFind(std, getenv), newClientErase(std, getenv))
	return group
}

func newClientErase(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Home
	cmd := &cobra.Command{
		Use:   "erase CLIENT-ID",
		Short: "Forget a client for ever",
		Long: `Destroys the key under which everything personal about the client is sealed, in the log and in every copy of
it: name, numbers, addresses, notes and the texts sent. The log stays whole and the appointments stay in the calendar,
with nobody's name. It cannot be taken back. Backups of keys.db made before still hold the key: let them expire.`,
		Example: "  clickbook client erase --data data 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		Args:    cli.ExactlyOne("one client by its id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := domain.ParseID[domain.ClientID](args[0])
			if err != nil {
				return cli.AsUsage(err)
			}
			return eraseClient(cmd.Context(), std, at, id)
		},
	}
	homeFlags(&at, cmd, getenv)
	return cmd
}

// eraseClient also brings the read models up to date, so that nothing personal is left in any file when it returns.
func eraseClient(ctx context.Context, std cli.Streams, at installation.Home, id domain.ClientID) (err error) {
	in, err := installation.OpenExisting(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	origin := commands.ForInstallation(installation.Operator).WithID(domain.DeriveUUID("erase", id))
	if _, err := in.Eraser.Erase(ctx, origin, id); err != nil {
		return err
	}
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "client %s is erased: the key is destroyed, and the read models have forgotten\n", id)
	return err
}
