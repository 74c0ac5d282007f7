package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
)

// mostFound is how many clients are shown; more are not told apart by looking at them.
const mostFound = 100

func newClientFind(std streams, getenv func(string) string) *cobra.Command {
	var at home
	var account string
	cmd := &cobra.Command{
		Use:   "find --account ID WORDS",
		Short: "Find clients by the beginning of a name or of a phone number",
		Long: `Prints the id, name, phone number and email address of each client found, separated by tabs. Clients who were
erased are not found by anything.`,
		Example: `  clickbook client find --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 "ana l"
  clickbook client find --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 +5527`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error {
			if account == "" {
				return asUsage(errors.New("say with --account whose client"))
			}
			id, err := domain.ParseID[domain.AccountID](account)
			if err != nil {
				return asUsage(fmt.Errorf("--account: %w", err))
			}
			return findClients(cmd.Context(), std, at, id, strings.Join(words, " "))
		},
	}
	homeFlags(&at, cmd, getenv)
	cmd.Flags().StringVar(&account, "account", "", "`ID` of the account")
	return cmd
}

func findClients(ctx context.Context, std streams, at home, account domain.AccountID, words string) (err error) {
	in, err := openExisting(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if _, err := in.projector.CatchUp(ctx); err != nil {
		return err
	}
	found, err := directory.Clients{DB: in.views}.Find(ctx, account, words, domain.ClientID{}, mostFound)
	for _, one := range found {
		fmt.Fprintf(std.out, "%s\t%s\t%s\t%s\n", one.ID, one.Name, one.Phone, one.Email)
	}
	return err
}
