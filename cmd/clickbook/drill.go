package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/drill"
)

func newDrill(std cli.Streams) *cobra.Command {
	var scenario, rate string
	var asJSON bool
	options := drill.Options{}
	var about strings.Builder
	for _, one := range drill.Scenarios() {
		fmt.Fprintf(&about, "  %-14s %s\n", one.Name, one.Story)
	}
	cmd := &cobra.Command{
		Use:   "drill --scenario NAME",
		Short: "Play an outage in virtual time: detection, failover, alerts and refunds",
		Long: "Plays an outage on the whole engine with simulated providers, in virtual time, and prints its story and\n" +
			"its figures. Nothing is sent. The same seed plays the same drill. The scenarios:\n\n" + about.String(),
		Example: "  clickbook drill --scenario na-ban --rate 1000/h --seed 1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if options.Scenario, err = drill.Find(scenario); err != nil {
				return cli.AsUsage(err)
			}
			if options.PerHour, err = parseRate(rate); err != nil {
				return cli.AsUsage(err)
			}
			out := std.Out
			if asJSON {
				out = io.Discard
			}
			figures, err := drill.Run(cmd.Context(), options, out)
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(std.Out)
				encoder.SetIndent("", "  ")
				return encoder.Encode(figures)
			}
			figures.Print(std.Out)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&scenario, "scenario", "", "`NAME` of the scenario (required)")
	f.StringVar(&rate, "rate", "1000/h", "`TEXTS/h` over all accounts")
	f.Uint64Var(&options.Seed, "seed", 1, "`NUMBER` that decides everything that is random")
	f.StringVar(&options.Data, "data", "", "new `DIRECTORY` to keep, for clickbook serve; without it nothing is kept")
	f.BoolVar(&asJSON, "json", false, "print only the figures, as JSON")
	return cmd
}

// parseRate parses "1000/h".
func parseRate(text string) (int, error) {
	count, hour := strings.CutSuffix(text, "/h")
	rate, err := strconv.Atoi(count)
	if !hour || err != nil || rate < 1 || rate > drill.MaxPerHour {
		return 0, fmt.Errorf("invalid --rate %q: write the texts of an hour like 1000/h, at most %d/h", text,
			drill.MaxPerHour)
	}
	return rate, nil
}
