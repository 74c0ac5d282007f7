package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

func newRebuild(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	var rollback bool
	cmd := &cobra.Command{
		Use:   "rebuild [NAME ...]",
		Short: "Rebuild read models from the log",
		Long: `Rebuilds all read models, or those named, and prints whether their rows are the same as before. One transaction
replaces the old rows. They are kept for --rollback until the next rebuild or the next erasure of a client.

The log is only read. Stop a server on the same data directory first.`,
		Example: "  clickbook rebuild --data ./may\n  clickbook rebuild calendar clients --data ./may\n" +
			"  clickbook rebuild --rollback calendar --data ./may",
		RunE: func(cmd *cobra.Command, names []string) (err error) {
			in, err := installation.OpenExisting(cmd.Context(), at)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, in.Close()) }()
			if rollback {
				return rollBack(cmd.Context(), std, in, names)
			}
			return rebuild(cmd.Context(), std, in, names)
		},
	}
	locationFlags(&at, cmd, getenv)
	cmd.Flags().BoolVar(&rollback, "rollback", false, "restore the rows that the last rebuild replaced")
	return cmd
}

func rebuild(ctx context.Context, std cli.Streams, in *installation.Installation, names []string) error {
	bar := cli.Progress(std.Err, 1, "rebuilding") // the first step sets the length
	rebuilt, err := in.Projector.Rebuild(ctx, func(done, total int) {
		bar.ChangeMax(total)
		_ = bar.Set(done)
	}, names...)
	_ = bar.Finish()
	if err != nil {
		return err
	}
	for _, one := range rebuilt {
		verdict := "the same rows as before"
		if !one.Same() {
			verdict = "other rows than before"
		}
		fmt.Fprintf(std.Out, "%s\t%d rows\t%s\n", one.Name, one.Rows, verdict)
	}
	fmt.Fprintln(std.Out, "the old rows are kept until the next rebuild or erasure; "+
		"`clickbook rebuild --rollback` restores them")
	return nil
}

func rollBack(ctx context.Context, std cli.Streams, in *installation.Installation, names []string) error {
	results, err := in.Projector.Rollback(ctx, names...)
	for _, one := range results {
		fmt.Fprintf(std.Out, "%s\tback to the old rows\t%d events behind\n", one.Name, one.Behind)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(std.Out, "they are up to date; `clickbook rebuild --rollback` again undoes this")
	return nil
}
