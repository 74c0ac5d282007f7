package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/spf13/cobra"
)

func newCopy(std cli.Streams) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "copy --from URL --to URL",
		Short: "Copy an event log to another store, of any kind",
		Long: `Copies every event to an empty store, in order and append by append, then reads both logs and compares their
counts and a hash over every event. Stop the server first. A copy that was cut short is finished by the same command:
what is there already is compared, not copied again, and until it is whole no server takes it for a log.

The data directory stays what it is: its keys open the copy too. Give the new URL as --store, and read models and
reactors begin anew over it by themselves, because positions of one store mean nothing in another.`,
		Example: `  clickbook copy --from sqlite:///var/lib/clickbook/events.db --to postgres://clickbook@db.example.com/main
  clickbook serve --data /var/lib/clickbook --store postgres://clickbook@db.example.com/main`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case from == "" || to == "":
				return cli.AsUsage(errors.New("say with --from and --to which store is copied to which; " +
					"see clickbook copy --help"))
			case from == to:
				return cli.AsUsage(errors.New("--from and --to are the same store; give another one to copy to"))
			}
			return copyStore(cmd.Context(), std, from, to)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`URL` of the log that is copied: sqlite:///FILE, postgres://… or esdb://…")
	cmd.Flags().StringVar(&to, "to", "", "`URL` of the store that is copied to")
	return cmd
}

func copyStore(ctx context.Context, std cli.Streams, from, to string) (err error) {
	fromName, toName := installation.NameOf(from), installation.NameOf(to)
	source, err := installation.OpenLog(ctx, from, installation.LogOptions{Present: true})
	if errors.Is(err, installation.ErrNoLog) {
		return fmt.Errorf("%s holds no log, so there is nothing to copy; check --from", fromName)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	destination, err := installation.OpenLog(ctx, to, installation.LogOptions{Lax: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, destination.Close()) }()
	c := logcopy.Copy{From: source, To: destination, FromName: fromName, ToName: toName}
	total, err := c.Begin(ctx)
	if err != nil {
		return err
	}
	bar := cli.Progress(std.Err, int64(2*total), "copying") // each event is written, and read again
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
