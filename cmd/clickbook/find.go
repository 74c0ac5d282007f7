package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// maxFound bounds how many clients are shown. Nobody looks through more.
const maxFound = 100

func newClientFind(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	var server remote.Server
	var account string
	cmd := &cobra.Command{
		Use:   "find --account ID WORDS",
		Short: "Find clients by any part of their name, email address or phone number",
		Long: `Prints the id, name, phone number and email address of each client found, separated by tabs. Erased clients are
not found.`,
		Example: `  clickbook client find --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 "ana l"
  clickbook client find --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 +5527`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			if server.Given() {
				return findRemotely(cmd.Context(), std, server, account, strings.Join(words, " "))
			}
			if account == "" {
				return cli.AsUsage(errors.New("--account is required"))
			}
			id, err := domain.ParseID[domain.AccountID](account)
			if err != nil {
				return cli.AsUsage(fmt.Errorf("--account: %w", err))
			}
			return findClients(cmd.Context(), std, at, id, strings.Join(words, " "))
		},
	}
	locationFlags(&at, cmd, getenv)
	server.Flags(cmd, getenv)
	cmd.Flags().StringVar(&account, "account", "", "`ID` of the account")
	return cmd
}

// findClients prints the clients that match the words.
func findClients(
	ctx context.Context, std cli.Streams, at installation.Location, account domain.AccountID, words string,
) (err error) {
	in, err := installation.OpenExisting(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	found, err := directory.Clients{DB: in.Views}.Find(ctx, account, words, readmodel.NameCursor{}, maxFound)
	for _, one := range found {
		fmt.Fprintf(std.Out, "%s\t%s\t%s\t%s\n", one.ID, one.Name, one.Phone, one.Email)
	}
	return err
}

// findRemotely prints the clients that a running server finds.
func findRemotely(ctx context.Context, std cli.Streams, server remote.Server, account, words string) error {
	if err := server.Check(); err != nil {
		return err
	}
	account, err := server.Account(ctx, account)
	if err != nil {
		return err
	}
	var page struct {
		Items []struct{ ID, Name, Phone, Email string }
	}
	query := url.Values{"q": {words}, "limit": {strconv.Itoa(maxFound)}}
	if err := server.Get(ctx, "/accounts/"+url.PathEscape(account)+"/clients", query, &page); err != nil {
		return err
	}
	for _, one := range page.Items {
		fmt.Fprintf(std.Out, "%s\t%s\t%s\t%s\n", one.ID, one.Name, one.Phone, one.Email)
	}
	return nil
}
