package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
)

func newRebuild(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	var server remote.Server
	var rollback bool
	cmd := &cobra.Command{
		Use:   "rebuild [NAME ...]",
		Short: "Rebuild read models from the log",
		Long: `Rebuilds all read models, or those named, and prints whether their rows are the same as before. One transaction
replaces the old rows. They are kept for --rollback until the next rebuild or the next erasure of a client.

The log is only read. Beside a running server, use --server with an admin key: it goes on, and reads see the old rows
until the new ones replace them.`,
		Example: "  clickbook rebuild --data ./may\n  clickbook rebuild calendar clients --data ./may\n" +
			"  clickbook rebuild --rollback calendar --data ./may",
		RunE: func(cmd *cobra.Command, names []string) (err error) {
			if server.Given() {
				return rebuildRemotely(cmd.Context(), std, server, rollback, names)
			}
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
	server.Flags(cmd, getenv)
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
		printRebuilt(std, one.Name, one.Rows, one.Same())
	}
	printKept(std)
	return nil
}

func printRebuilt(std cli.Streams, name string, rows int, same bool) {
	verdict := "the same rows as before"
	if !same {
		verdict = "other rows than before"
	}
	fmt.Fprintf(std.Out, "%s\t%d rows\t%s\n", name, rows, verdict)
}

func printKept(std cli.Streams) {
	fmt.Fprintln(std.Out, "the old rows are kept until the next rebuild or erasure; "+
		"`clickbook rebuild --rollback` restores them")
}

func rollBack(ctx context.Context, std cli.Streams, in *installation.Installation, names []string) error {
	results, err := in.Projector.Rollback(ctx, names...)
	for _, one := range results {
		printRolledBack(std, one.Name, one.Behind)
	}
	if err != nil {
		return err
	}
	printUndo(std)
	return nil
}

func printRolledBack(std cli.Streams, name string, behind int) {
	fmt.Fprintf(std.Out, "%s\tback to the old rows\t%d events behind\n", name, behind)
}

func printUndo(std cli.Streams) {
	fmt.Fprintln(std.Out, "they are up to date; `clickbook rebuild --rollback` again undoes this")
}

// rebuildRemotely lets a running server rebuild, and waits until it is done.
func rebuildRemotely(
	ctx context.Context, std cli.Streams, server remote.Server, rollback bool, names []string,
) error {
	if err := server.Check(); err != nil {
		return err
	}
	var last struct {
		State, Problem string
		Done, Total    int
		Models         []struct {
			Name         string
			Rows, Behind int
			Same         bool
		} `json:"read_models"`
	}
	terms := map[string]any{"read_models": append([]string{}, names...), "rollback": rollback}
	if err := server.Post(ctx, "/rebuild", terms, &last); err != nil {
		return err
	}
	bar := cli.Progress(std.Err, 1, "rebuilding")
	err := remote.Poll(ctx, func() (bool, error) {
		err := server.Get(ctx, "/rebuild", nil, &last)
		if last.Total > 0 {
			bar.ChangeMax(last.Total)
			_ = bar.Set(last.Done)
		}
		return last.State != "running", err
	})
	_ = bar.Finish()
	if err != nil {
		return err
	}
	for _, one := range last.Models {
		if rollback {
			printRolledBack(std, one.Name, one.Behind)
		} else {
			printRebuilt(std, one.Name, one.Rows, one.Same)
		}
	}
	switch {
	case last.State != "done":
		return fmt.Errorf("the rebuild failed: %s", last.Problem)
	case rollback:
		printUndo(std)
	default:
		printKept(std)
	}
	return nil
}
