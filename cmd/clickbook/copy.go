package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

func newCopy(std cli.Streams) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "copy --from URL --to URL",
		Short: "Copy an event log to another store, of any kind",
		Long: `Copies every event to an empty store, in order, and then verifies both logs by their counts and a hash over
every event. Stop the server first. To finish an interrupted copy, run the same command again: it compares the events
that are there and copies the rest. A server refuses to open an unfinished copy.

The data directory stays the same, and its keys decrypt the copy too. To use the copy, pass its URL as --store. Read
models and reactors then start over, because positions differ between stores.`,
		Example: `  clickbook copy --from sqlite:///var/lib/clickbook/events.db --to postgres://clickbook@db.example.com/main
  clickbook serve --data /var/lib/clickbook --store postgres://clickbook@db.example.com/main`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case from == "" || to == "":
				return cli.AsUsage(errors.New("--from and --to are required; see clickbook copy --help"))
			case from == to:
				return cli.AsUsage(errors.New("--from and --to are the same store; choose another one to copy to"))
			}
			return copyStore(cmd.Context(), std, from, to)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`URL` of the log to copy: sqlite:///FILE, postgres://… or esdb://…")
	cmd.Flags().StringVar(&to, "to", "", "`URL` of the empty store to copy to")
	return cmd
}

func copyStore(ctx context.Context, std cli.Streams, from, to string) (err error) {
	fromName, toName := installation.DisplayName(from), installation.DisplayName(to)
	source, err := installation.OpenLog(ctx, from, installation.LogOptions{Present: true})
	if errors.Is(err, installation.ErrNoLog) {
		return fmt.Errorf("%s holds no log, so there is nothing to copy; check --from", fromName)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	destination, err := installation.OpenLog(ctx, to, installation.LogOptions{Lax: true, Alone: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, destination.Close()) }()
	c := logcopy.Copy{From: source, To: destination, FromName: fromName, ToName: toName}
	total, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	bar := cli.Progress(std.Err, int64(2*total), "copying") // each event is written and read
	c.Step = func() { _ = bar.Add(1) }
	sum, err := c.Run(ctx)
	_ = bar.Finish()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "%d events are in %s, the same as in %s\nSHA-256 over both logs: %s\n",
		sum.Events, c.ToName, c.FromName, sum)
	return err
}
