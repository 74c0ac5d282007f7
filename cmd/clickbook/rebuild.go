package main

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/spf13/cobra"
)

func newRebuild(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Home
	var rollback bool
	cmd := &cobra.Command{
		Use:   "rebuild [NAME ...]",
		Short: "Make read models anew from the log",
		Long: "Makes all read models anew, or those named, and says of each whether its rows are the same as before.\n" +
			"Whoever asks meanwhile is answered from the old rows; the new ones take their place at once. The old ones\n" +
			"are kept for going back, until the next rebuild or the next erasure of a client.\n" +
			"The log is only read. A server must not run on the same data directory.",
		Example: "  clickbook rebuild --data ./may\n  clickbook rebuild calendar clients --data ./may\n" +
			"  clickbook rebuild --rollback calendar --data ./may",
		RunE: func(cmd *cobra.Command, names []string) (err error) {
			in, err := installation.OpenExisting(cmd.Context(), at)
			if err != nil {
				return err
			}
			defer func() { err = installation.Closing(err, in) }()
			if rollback {
				return rollBack(cmd.Context(), std, in, names)
			}
			return rebuild(cmd.Context(), std, in, names)
		},
	}
	homeFlags(&at, cmd, getenv)
	cmd.Flags().BoolVar(&rollback, "rollback", false, "put the rows back that the last rebuild replaced")
	return cmd
}

func rebuild(ctx context.Context, std cli.Streams, in *installation.Installation, names []string) error {
	bar := cli.Progress(std.Err, 1, "rebuilding") // the first step says how long it is
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
		"`clickbook rebuild --rollback` goes back to them")
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
	fmt.Fprintln(std.Out, "they have caught up; `clickbook rebuild --rollback` again takes it back")
	return nil
}
