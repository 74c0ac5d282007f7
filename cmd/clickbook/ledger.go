package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/jsonlines"
)

func newLedger(std streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "ledger", Short: "Audit the credit ledger"}
	group.AddCommand(newLedgerReplay(std), newLedgerExport(std, getenv))
	return group
}

func newLedgerReplay(std streams) *cobra.Command {
	var policy, asOf string
	var options jsonlines.LedgerOptions
	cmd := &cobra.Command{
		Use:   "replay < facts.jsonl > books.json",
		Short: "Make the books from a file of facts, by the rules of the running engine",
		Long: "Reads one fact a line, in log order, and prints the books that must follow: accounts, messages, lines,\n" +
			"statements. See docs/credits.md for the format. A malformed line is refused and nothing is printed.",
		Example: `  clickbook ledger replay --after e09,e14 < facts.jsonl > books.json
  clickbook ledger replay --policy policy.json --as-of '[{"account":"A1",
    "valid_before":"2026-04-01T00:00:00Z","known_before":"2026-04-02T00:00:00Z"}]' < facts.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if policy != "" {
				data, err := os.ReadFile(policy)
				if err != nil {
					return asUsage(fmt.Errorf("--policy cannot be read: %w", err))
				}
				options.Policy = data
			}
			options.AsOf = []byte(asOf)
			return jsonlines.ReplayLedger(cmd.Context(), std.in, std.out, options)
		},
	}
	cmd.Flags().StringVar(&policy, "policy", "", "`FILE` with the policy as a JSON object; what it leaves out stays")
	cmd.Flags().StringSliceVar(&options.After, "after", nil, "also print the accounts right after these `facts`, by id")
	cmd.Flags().StringVar(&asOf, "as-of", "", "also print what was owned as of these instants, as a `JSON` list")
	return cmd
}
