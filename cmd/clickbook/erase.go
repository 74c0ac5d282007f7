package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
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
	var server remote.Server
	var account string
	cmd := &cobra.Command{
		Use:   "erase CLIENT-ID",
		Short: "Erase a client permanently",
		Long: `Destroys the key that encrypts the personal data of the client in the log and in every copy of it: name, phone
numbers, addresses, notes and the texts sent. The log stays complete, and the appointments stay in the calendar
without a name. This cannot be undone. Older backups of keys.db still hold the key: let them expire.

Beside a running server, use --server with a key of the client's account, or with an admin key and --account.`,
		Example: "  clickbook client erase --data data 6ba7b810-9dad-11d1-80b4-00c04fd430c8\n" +
			"  clickbook client erase --server http://127.0.0.1:8080 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
		Args: cli.ExactlyOne("the id of one client"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := domain.ParseID[domain.ClientID](args[0])
			if err != nil {
				return cli.AsUsage(err)
			}
			if server.Given() {
				return eraseRemotely(cmd.Context(), std, server, account, id)
			}
			return eraseClient(cmd.Context(), std, at, id)
		},
	}
	locationFlags(&at, cmd, getenv)
	server.Flags(cmd, getenv)
	cmd.Flags().StringVar(&account, "account", "", "`ID` of the account, for --server with a key of no account")
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
	return printErased(std, id)
}

func printErased(std cli.Streams, id domain.ClientID) error {
	_, err := fmt.Fprintf(std.Out,
		"client %s is erased: the key is destroyed and the read models hold no personal data\n", id)
	return err
}

// eraseRemotely lets a running server erase a client, and waits until its read models have.
func eraseRemotely(
	ctx context.Context, std cli.Streams, server remote.Server, account string, id domain.ClientID,
) error {
	if err := server.Check(); err != nil {
		return err
	}
	account, err := server.Account(ctx, account)
	if err != nil {
		return err
	}
	path := "/accounts/" + url.PathEscape(account) + "/clients/" + id.String()
	if err := server.Post(ctx, path+"/erase", nil, nil); err != nil {
		return err
	}
	if err := server.Get(ctx, path, nil, nil); err != nil { // a read waits for the caller's own write
		return err
	}
	return printErased(std, id)
}
