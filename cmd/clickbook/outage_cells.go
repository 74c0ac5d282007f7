package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
	"github.com/clickbook/clickbook/domain/outage"
)

// shownOutage and shownOverride are what the API lists.
type (
	shownOutage struct {
		ID, State, Cause, Window string
		Cell                     outage.Cell
		ChangePoint              time.Time `json:"change_point"`
		ClearedAt                time.Time `json:"cleared_at"`
	}
	shownOverride struct {
		Cell             outage.Cell
		Mode, Reason, By string
		Until            time.Time
	}
)

func newOutageList(std cli.Streams, getenv func(string) string) *cobra.Command {
	query := url.Values{}
	var state, provider string
	cmd := &cobra.Command{
		Use: "list", Short: "List the outages, the latest first, and what operators force now", Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&state, "state", "", "only outages that are `suspected`, confirmed or cleared")
	cmd.Flags().StringVar(&provider, "provider", "", "only outages of the provider of this `NAME`")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, _ []string) error {
		for name, value := range map[string]string{"state": state, "provider": provider} {
			if value != "" {
				query.Set(name, value)
			}
		}
		var found struct {
			Items []shownOutage
			Next  string
		}
		if err := server.Get(ctx, "/outages", query, &found); err != nil {
			return err
		}
		var forced struct{ Items []shownOverride }
		if err := server.Get(ctx, "/overrides", nil, &forced); err != nil {
			return err
		}
		printOutages(std.Out, found.Items, found.Next != "")
		for _, one := range forced.Items {
			fmt.Fprintf(std.Out, "forced %s until %s: %s\t%s (%s)\n", one.Mode, one.Until.Format(time.RFC3339),
				one.Cell.Label(), one.Reason, one.By)
		}
		return nil
	})
}

func printOutages(out io.Writer, outages []shownOutage, more bool) {
	if len(outages) == 0 {
		fmt.Fprintln(out, "no outage was detected")
	}
	for _, one := range outages {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s", one.ChangePoint.Format(time.RFC3339), one.Cell.Label(), one.State, one.Cause)
		if !one.ClearedAt.IsZero() {
			fmt.Fprintf(out, "\tuntil %s", one.ClearedAt.Format(time.RFC3339))
		}
		fmt.Fprintf(out, "\t%s\n", one.ID)
	}
	if more {
		fmt.Fprintln(out, "there are more: GET /outages returns them page by page")
	}
}

// cellFlags adds the flags that name a part of what a provider carries.
func cellFlags(cmd *cobra.Command, cell *outage.Cell) {
	cmd.Flags().StringVar(&cell.Region, "region", "", "only texts to this `REGION`: NA, LA, EU, ME, AF, AS, OC")
	cmd.Flags().StringVar(&cell.Country, "country", "", "only texts to this `COUNTRY`, such as US")
	cmd.Flags().StringVar(&cell.Network, "network", "", "only texts to this `NETWORK` of the country, such as 310-410")
}

func newOutageOverride(std cli.Streams, getenv func(string) string) *cobra.Command {
	var cell outage.Cell
	var mode, reason string
	var lasts time.Duration
	cmd := &cobra.Command{
		Use:   "override PROVIDER --mode up|down --reason TEXT",
		Short: "Force a provider up or down, whatever the detector says",
		Long: `Forces everything that a provider carries, or a part of it, up or down. It is in force for the next text, beats
the detector, and ends by itself.`,
		Example: `  clickbook outage override alpha --mode down --country US --for 8h --reason "planned work"`,
		Args:    cobra.ExactArgs(1),
	}
	cellFlags(cmd, &cell)
	cmd.Flags().StringVar(&mode, "mode", "", "`up` or down")
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why")
	cmd.Flags().DurationVar(&lasts, "for", 24*time.Hour, "how long, a `duration` of at most 168h")
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		if mode == "" || reason == "" {
			return cli.AsUsage(errors.New("an override needs --mode and --reason"))
		}
		body := map[string]any{"mode": mode, "reason": reason, "until": time.Now().Add(lasts).UTC().Truncate(time.Second)}
		for name, value := range membersOf(cell) {
			body[name] = value
		}
		return server.Post(ctx, "/providers/"+args[0]+"/overrides", body, nil)
	})
}

func newOutageEnd(std cli.Streams, getenv func(string) string) *cobra.Command {
	var cell outage.Cell
	cmd := &cobra.Command{
		Use: "end PROVIDER", Short: "End an override before its time", Args: cobra.ExactArgs(1),
		Long: "Ends the override of everything that a provider carries, or of the part that it was made for.",
	}
	cellFlags(cmd, &cell)
	return withServer(cmd, std, getenv, func(ctx context.Context, server remote.Server, args []string) error {
		query := url.Values{}
		for name, value := range membersOf(cell) {
			query.Set(name, value)
		}
		return server.Delete(ctx, "/providers/"+args[0]+"/overrides", query)
	})
}

// membersOf returns the parts of a cell that are given, by their names in the API.
func membersOf(c outage.Cell) map[string]string {
	given := make(map[string]string)
	for name, value := range map[string]string{"region": c.Region, "country": c.Country, "network": c.Network} {
		if value != "" {
			given[name] = value
		}
	}
	return given
}
