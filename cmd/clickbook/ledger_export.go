package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/jsonlines"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

func newLedgerExport(std streams, getenv func(string) string) *cobra.Command {
	var at home
	var of string
	cmd := &cobra.Command{
		Use:   "export --account ID > facts.jsonl",
		Short: "Write down the facts behind an account's books, for anyone to replay",
		Long: `Writes one fact a line, in the order in which the books took them in, as ledger replay reads them:
purchases and grants, texts queued, sent, failed and reported on, refunds by hand, windows. Nobody's name,
number or words are in it, and of a window's list of accounts only this one. Replayed under the policy of this
installation, the books come out as they are here, line by line. A server must not run on the same data
directory.`,
		Example: `  clickbook ledger export --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 > facts.jsonl
  echo '{"dlr": {"undelivered": "refund", "expired": "refund", "unknown": "keep"}}' > policy.json
  clickbook ledger replay --policy policy.json < facts.jsonl > books.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if of == "" {
				return asUsage(errors.New("say with --account whose ledger"))
			}
			id, err := domain.ParseID[domain.AccountID](of)
			if err != nil {
				return asUsage(fmt.Errorf("--account: %w", err))
			}
			return exportLedger(cmd.Context(), std.out, at, id)
		},
	}
	homeFlags(&at, cmd, getenv)
	cmd.Flags().StringVar(&of, "account", "", "`ID` of the account")
	return cmd
}

func exportLedger(ctx context.Context, out io.Writer, at home, of domain.AccountID) (err error) {
	in, err := openExisting(ctx, at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	buffered := bufio.NewWriter(out)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	known, err := in.facts(ctx, of, func(fact jsonlines.Fact) error { return lines.Encode(fact) })
	if err == nil && !known {
		err = account.ErrUnknown
	}
	return errors.Join(err, buffered.Flush())
}

// facts hands over what the books of an account follow from. It answers whether there is such an account.
func (in *installation) facts(
	ctx context.Context, of domain.AccountID, write func(jsonlines.Fact) error,
) (known bool, err error) {
	order := factOrder{write: write, told: make(map[string]bool)}
	for entry, err := range in.events.ReadAll(ctx, domain.Position{}, domain.Filter{Types: factTypes()}) {
		if err != nil {
			return known, err
		}
		recorded, err := in.codec.Decode(entry)
		if err != nil {
			return known, err
		}
		if opened, ok := recorded.Event.(account.AccountOpened); ok && opened.Account == of {
			known = true
		}
		if err := order.take(of, recorded); err != nil {
			return known, fmt.Errorf("write down %s of %s: %w", entry.Type, entry.Stream, err)
		}
	}
	return known, order.rest()
}
