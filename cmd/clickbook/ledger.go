package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
)

func newLedger(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "ledger", Short: "Audit the credit ledger"}
	group.AddCommand(newLedgerReplay(std), newLedgerExport(std, getenv))
	return group
}

func newLedgerReplay(std cli.Streams) *cobra.Command {
	var policy, asOf string
	var options ledger.ReplayOptions
	cmd := &cobra.Command{
		Use:   "replay < facts.jsonl > books.json",
		Short: "Compute the books from a file of facts, by the rules of the running engine",
		Long: "Reads facts in log order, one per line, and prints the resulting books: accounts, messages, lines and\n" +
			"statements. See docs/credits.md for the format. If a line is malformed, nothing is printed.",
		Example: `  clickbook ledger replay --after e09,e14 < facts.jsonl > books.json
  clickbook ledger replay --policy policy.json --as-of '[{"account":"A1",
    "valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-02T00:00:00Z"}]' < facts.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if policy != "" {
				data, err := os.ReadFile(policy)
				if err != nil {
					return cli.AsUsage(fmt.Errorf("--policy cannot be read: %w", err))
				}
				options.Policy = data
			}
			options.AsOf = []byte(asOf)
			return ledger.Replay(cmd.Context(), std.In, std.Out, options)
		},
	}
	cmd.Flags().StringVar(&policy, "policy", "",
		"`FILE` with the policy as a JSON object; what it omits keeps its default")
	cmd.Flags().StringSliceVar(&options.After, "after", nil,
		"also print the accounts right after these `facts`, given by id")
	cmd.Flags().StringVar(&asOf, "as-of", "",
		"also print what accounts owned at these instants, a `JSON` list")
	return cmd
}

func newLedgerExport(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	var of string
	cmd := &cobra.Command{
		Use:   "export --account ID > facts.jsonl",
		Short: "Write the facts that an account's books follow from",
		Long: `Writes facts, one per line, in the order in which the ledger recorded them: purchases and grants; texts queued,
sent, failed and reported on; manual refunds; refund windows. Ledger replay reads them and, under the policy of this
installation, gives the same books line by line. Facts have no names, phone numbers or texts. Of a window's accounts
they list only this one. Stop a server on the same data directory first.`,
		Example: `  clickbook ledger export --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 > facts.jsonl
  echo '{"dlr": {"undelivered": "refund", "expired": "refund", "unknown": "keep"}}' > policy.json
  clickbook ledger replay --policy policy.json < facts.jsonl > books.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if of == "" {
				return cli.AsUsage(errors.New("--account is required"))
			}
			id, err := domain.ParseID[domain.AccountID](of)
			if err != nil {
				return cli.AsUsage(fmt.Errorf("--account: %w", err))
			}
			return exportLedger(cmd.Context(), std.Out, at, id)
		},
	}
	locationFlags(&at, cmd, getenv)
	cmd.Flags().StringVar(&of, "account", "", "`ID` of the account")
	return cmd
}

func exportLedger(ctx context.Context, out io.Writer, at installation.Location, of domain.AccountID) (err error) {
	in, err := installation.OpenExisting(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return ledger.Export(ctx, in.Events, in.Codec, of, out)
}
