// Command clickbook is the appointment engine: one binary that serves, simulates, imports, exports, rebuilds
// and audits. This package wires the parts together and is the only one that reads the environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/zoneinfo"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/zones"
)

// Exit codes, as docs/operations.md promises them.
const (
	exitOK      = 0
	exitFault   = 1 // a bug, or trouble outside such as a full disk
	exitUsage   = 2 // the command line is invalid
	exitRefused = 3 // the input was refused, in part or as a whole
)

func main() { os.Exit(runMain()) }

// runMain runs the command line of this process until it ends or is told to stop, and returns the exit code.
func runMain() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.Getenv)
}

// run is the whole program. Tests call it too.
func run(ctx context.Context, args []string, std cli.Streams, getenv func(string) string) int {
	root := newRoot(std, getenv)
	root.SetArgs(args)
	err := useZones(getenv("ZONEINFO"))
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err != nil {
		fmt.Fprintln(std.Err, "clickbook: "+err.Error())
	}
	return exitCode(err)
}

// useZones puts the time zone table of a path in force. Without a path, it is the embedded one.
func useZones(path string) error {
	if path == "" {
		zones.Use(nil)
		return nil
	}
	table, err := zoneinfo.Open(path, zones.Embedded())
	if err != nil {
		return cli.AsUsage(fmt.Errorf("invalid ZONEINFO: %w", err))
	}
	zones.Use(table)
	return nil
}

func exitCode(err error) int {
	var usage cli.UsageError
	_, refused := domain.AsRefusal(err)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case refused, errors.Is(err, cli.ErrPartlyRefused):
		return exitRefused
	}
	return exitFault
}

func newRoot(std cli.Streams, getenv func(string) string) *cobra.Command {
	root := &cobra.Command{
		Use:   "clickbook",
		Short: "An event-sourced appointment engine that notices when texts do not arrive",
		Long: "ClickBook books appointments, reminds clients by text and email, accounts for every credit,\n" +
			"and shows what happened to every message.",
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return cli.AsUsage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
	})
	root.AddCommand(
		newServe(std, getenv), newSimulate(std), newDrill(std), newImport(std, getenv), newExport(std, getenv),
		newClient(std, getenv), newRebuild(std, getenv), newCopy(std), newLedger(std, getenv), newAvailability(std),
		newMail(std, getenv), newVerify(std, getenv), newProvider(std, getenv), newRoute(std, getenv), newOutage(std, getenv),
		newAdmin(std, getenv), newMember(std, getenv), newBackup(std, getenv), newVersion(std),
	)
	requireKnownArgs(root)
	return root
}

// requireKnownArgs makes unexpected arguments and unknown commands a usage error.
func requireKnownArgs(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = cobra.NoArgs
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return cli.AsUsage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		requireKnownArgs(sub)
	}
}
