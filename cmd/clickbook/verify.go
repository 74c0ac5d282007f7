package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// maxFindings bounds the findings that verify prints. One damaged name can be wrong in every event.
const maxFindings = 100

var errWrong = errors.New("the installation is damaged: keep a copy of it, and restore the last backup")

func newVerify(std cli.Streams, getenv func(string) string) *cobra.Command {
	var at installation.Location
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Read the whole log and the keys, and say what is wrong where",
		Long: `Reads every event and every key, and checks: the checksum of each event; that no position, revision or part of
an append is missing; that each event can be decoded and its personal texts can be opened; that each destroyed key is
one of an erased client; and that the balances in the read models are the sums of their lines. It prints what is wrong,
one line each, and then ends with exit code 1. It changes nothing in the log or the keys.

Events that are older than checksums are counted. Stop a server on the same data directory first.`,
		Example: "  clickbook verify --data ./may",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !at.Exists() {
				return installation.NoData(at)
			}
			return verify(cmd.Context(), std, at)
		},
	}
	locationFlags(&at, cmd, getenv)
	return cmd
}

func verify(ctx context.Context, std cli.Streams, at installation.Location) error {
	bar := cli.Progress(std.Err, -1, "verifying")
	printed := 0
	result, err := installation.Verify(ctx, at, func(what string) {
		if printed++; printed <= maxFindings {
			fmt.Fprintf(std.Out, "wrong\t%s\n", what)
		}
	}, func() { _ = bar.Add(1) })
	_ = bar.Finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(std.Out, "events\t%d in %d streams, %d with a checksum, %d older than checksums\n",
		result.Events, result.Streams, result.Events-result.Unchecked, result.Unchecked)
	fmt.Fprintf(std.Out, "keys\t%d, and %d destroyed\n", result.Keys, result.Erased)
	if result.Accounts > 0 {
		fmt.Fprintf(std.Out, "balances\t%d\n", result.Accounts)
	} else { // in a backup, or before the first start
		fmt.Fprintln(std.Out, "balances\tnot compared: there are no read models of accounts here")
	}
	if result.Wrong > 0 {
		return fmt.Errorf("%s wrong: %w", cli.Plural(result.Wrong, "thing"), errWrong)
	}
	_, err = fmt.Fprintln(std.Out, "nothing is wrong")
	return err
}
