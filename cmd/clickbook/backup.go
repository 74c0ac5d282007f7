package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

var errBadCopy = errors.New("the copy was removed. Run the backup again (a client may have been erased meanwhile); " +
	"if it fails again, run clickbook verify")

func newBackup(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	var to string
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the log and the keys to a new directory, also while a server runs",
		Long: `Copies events.db, keys.db, installation.key and state.db to a new or empty directory, as of one instant,
and then checks the copy as clickbook verify does. A server may go on serving: everything that it acknowledged before
the backup began is in the copy. Read models are not copied, because the first start computes them.

Move keys.db and installation.key of the copy to another place: anyone who has the log and the keys has everything.

With --store on PostgreSQL or KurrentDB, the log is not copied.`,
		Example: "  clickbook backup --data data /backup/2026-11-28",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && to != "", len(args) == 0 && to == "":
				return cli.AsUsage(errors.New("expected one directory to copy to; see clickbook backup --help"))
			case len(args) == 1:
				to = args[0]
			}
			if !at.Exists() {
				return installation.NoData(at)
			}
			return backup(cmd.Context(), std, at, to)
		},
	}
	locationFlags(&at, cmd, getenv)
	cmd.Flags().StringVar(&to, "to", "", "`DIR` to copy to, instead of the argument")
	return cmd
}

func backup(ctx context.Context, std cli.Streams, at installation.Location, to string) error {
	bar := cli.Progress(std.Err, -1, "checking the copy")
	copied, err := installation.Backup(ctx, at, to, func(what string) {
		fmt.Fprintf(std.Out, "wrong\t%s\n", what)
	}, func() { _ = bar.Add(1) })
	_ = bar.Finish()
	switch {
	case err != nil:
		return fmt.Errorf("%w; there is no backup in %s", err, to)
	case copied.Wrong > 0:
		return fmt.Errorf("%s wrong: %w", cli.Plural(copied.Wrong, "thing"), errBadCopy)
	}
	if at.HasLogFile() {
		fmt.Fprintf(std.Out, "events\t%d in %d streams\n", copied.Events, copied.Streams)
	} else {
		fmt.Fprintf(std.Out, "not copied\tthe log in %s: back it up now, after the keys, with pg_dump, the backup of "+
			"the KurrentDB node, or clickbook copy\n", installation.DisplayName(at.LogURL()))
	}
	fmt.Fprintf(std.Out, "keys\t%d, and %d destroyed\n", copied.Keys, copied.Erased)
	_, err = fmt.Fprintf(std.Out, "the copy in %s is checked; move keys.db and installation.key to another place\n", to)
	return err
}
