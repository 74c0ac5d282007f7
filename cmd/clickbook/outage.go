package main

import (
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/audit/outages"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

func newOutage(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "outage", Short: "List and override provider outages, and measure their detection"}
	group.AddCommand(
		newOutageList(std, getenv), newOutageOverride(std, getenv), newOutageEnd(std, getenv), newOutageEval(std),
	)
	return group
}

func newOutageEval(std cli.Streams) *cobra.Command {
	o := outages.Options{Params: outagedetect.Defaults()}
	cmd := &cobra.Command{
		Use:   "eval < messages.jsonl > signals.jsonl",
		Short: "Run the outage detector over a file of message events",
		Long: `Reads message events in time order, one JSON object a line, runs the server's detector over them, and prints
one JSON line for each cell that is suspected, confirmed or cleared.

Input: {"t":"2026-03-01T09:30:00Z","message":"m1","provider":"a","country":"US","network":"310-410",
"account":"…","to_hash":"…","event":"submitted"}. The event is submitted, delivered, failed or rejected; failed and
rejected have a "class": NUM, OPT, HND, CNT, CAR, THR, PRV, CFG or U. A network that is not known is null. A message
refused at once is rejected, with or without a submitted line before it. Unknown members are ignored.

Output: {"t","event","cell":{"provider","region","country","network"},"change_point","cause","s"}. A part of the cell
that is null means all. The cause is blocked, silent, receipts-only or configuration; this command cannot poll
a provider, so lost receipts are reported as silent.

Nothing has to be learned first: until a baseline is learned, an average one with slow receipts is assumed.
Silence counts between lines. After the last line the clock stops: --tail lets it go on. Signals come at the ends of
blocks of 30 seconds. A malformed line, or a line older than the line before it, ends the command with exit code 3 and
the number of the line.`,
		Example: `  clickbook outage eval --clock-step 5s < messages.jsonl
  clickbook outage eval --confirm 12 --delta 0.05 --tail 1h < messages.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutageOptions(o); err != nil {
				return cli.AsUsage(err)
			}
			return outages.Evaluate(cmd.Context(), std.In, std.Out, o)
		},
	}
	cmd.Flags().DurationVar(&o.Step, "clock-step", 5*time.Second,
		"move the clock between lines in steps of this `duration`; 0: from line to line")
	cmd.Flags().DurationVar(&o.Tail, "tail", 0, "let this `duration` pass after the last line")
	outageParams(cmd, &o.Params)
	return cmd
}

// outageParams adds the flags for the detector's parameters.
func outageParams(cmd *cobra.Command, p *outagedetect.Params) {
	cmd.Flags().Float64Var(&p.Suspect, "suspect", p.Suspect, "`nats` from which on a cell is suspected")
	cmd.Flags().Float64Var(&p.Confirm, "confirm", p.Confirm,
		"`nats` from which on an outage is confirmed; 0: by the messages an hour and the number of cells")
	cmd.Flags().Float64Var(&p.Delta, "delta", p.Delta, "`share` by which a cell may be worse than its baseline")
	cmd.Flags().Float64Var(&p.Prior, "prior", p.Prior, "weight of the parent's baseline in `messages`")
	cmd.Flags().DurationVar(&p.Memory, "memory", p.Memory, "time constant of a baseline, a `duration`")
	cmd.Flags().DurationVar(&p.Hold, "hold", p.Hold, "`duration` that all must be well before an outage is cleared")
}

func checkOutageOptions(o outages.Options) error {
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	p := o.Params
	switch {
	case o.Step < 0 || o.Step > 0 && o.Step < time.Second:
		return fmt.Errorf("invalid --clock-step %v: write 0 or at least 1s", o.Step)
	case o.Tail < 0 || o.Tail > 366*24*time.Hour:
		return fmt.Errorf("invalid --tail %v: write at most 8784h", o.Tail)
	case !finite(p.Suspect) || p.Suspect < 3:
		return fmt.Errorf("invalid --suspect %v: write at least 3", p.Suspect)
	case !finite(p.Confirm) || p.Confirm != 0 && p.Confirm < p.Suspect:
		return fmt.Errorf("invalid --confirm %v: write 0, or at least what --suspect says", p.Confirm)
	case !finite(p.Delta) || p.Delta < 0 || p.Delta > 0.3:
		return fmt.Errorf("invalid --delta %v: write a share from 0 to 0.3", p.Delta)
	case !finite(p.Prior) || p.Prior < 1:
		return fmt.Errorf("invalid --prior %v: write at least 1", p.Prior)
	case p.Memory < time.Hour:
		return fmt.Errorf("invalid --memory %v: write at least 1h", p.Memory)
	case p.Hold <= 0 || p.Hold > 24*time.Hour:
		return fmt.Errorf("invalid --hold %v: write more than 0 and at most 24h", p.Hold)
	}
	return nil
}
