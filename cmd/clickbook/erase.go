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
	group := &cobra.Command{Use: "client", Short: "Find or erase a client"}
	group.AddCommand(newClientFind(std, getenv), newClientErase(std, getenv))
	return group
}

func newClientErase(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	cmd := &cobra.Command{
		Use:   "erase CLIENT-ID",
		Short: "Erase a client permanently",
		Long: `Destroys the key that encrypts the personal data of the client in the log and in every copy of it: name, phone
numbers, addresses, notes and the texts sent. The log stays complete, and the appointments stay in the calendar
without a name. This cannot be undone. Older backups of keys.db still hold the key: let them expire.`,
		Example: "  clickbook client erase --data data 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		Args:    cli.ExactlyOne("the id of one client"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := domain.ParseID[domain.ClientID](args[0])
			if err != nil {
				return cli.AsUsage(err)
			}
			return eraseClient(cmd.Context(), std, at, id)
		},
	}
	locationFlags(&at, cmd, getenv)
	return cmd
}

// eraseClient erases a client and brings the read models up to date, so that no file holds personal data when it
// returns.
func eraseClient(ctx context.Context, std cli.Streams, at installation.Location, id domain.ClientID) (err error) {
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
	_, err = fmt.Fprintf(std.Out,
		"client %s is erased: the key is destroyed and the read models hold no personal data\n", id)
	return err
}
