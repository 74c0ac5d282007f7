package main

import (
	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/audit/availability"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

func newAvailability(std cli.Streams) *cobra.Command {
	group := &cobra.Command{Use: "availability", Short: "Evaluate the availability rules, without a store"}
	group.AddCommand(&cobra.Command{
		Use:   "eval < questions.jsonl",
		Short: "Answer JSON questions, one per line",
		Long: `Reads one {"id","kind","input"} per line and prints {"id","result"}, or {"id","error"} if the kind is unknown
or the input is invalid. It calls the same functions as the server.`,
		Example: `  echo '{"id":"1","kind":"local_to_utc","input":
    {"tzid":"America/New_York","local":"2007-11-04T01:30:00"}}' | tr -d '\n' | clickbook availability eval`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return availability.Eval(cmd.Context(), std.In, std.Out)
		},
	})
	return group
}
