package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/exporting"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/simulation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections/directory"
)

// exportFlags are the command line of an export.
type exportFlags struct {
	at                             installation.Home
	account, format, from, to, out string
}

func newExport(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "export", Short: "Give data to other programs"}
	var flags exportFlags
	cmd := &cobra.Command{
		Use:   "appointments --account ID",
		Short: "Write an account's appointments as CSV or iCalendar",
		Long: `Writes the appointments of an account, by their start. The CSV can be imported again, and opened in a
spreadsheet: a cell that would run there as a formula has an apostrophe before it. The iCalendar (RFC 5545) keeps each
appointment's UID and SEQUENCE, so that a calendar that reads it twice shows it once. Erased clients are shown as
"erased", with no number and no address.`,
		Example: `  clickbook export appointments --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 > all.csv
  clickbook export appointments --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 \
    --format ics --from 2026-12-01 --to 2027-01-01 --out december.ics`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), std, flags) },
	}
	f := cmd.Flags()
	homeFlags(&flags.at, cmd, getenv)
	f.StringVar(&flags.account, "account", "", "`ID` of the account")
	f.StringVar(&flags.format, "format", "csv", "csv or ics")
	f.StringVar(&flags.from, "from", "", "only appointments that start at this `DATE` of the account's zone or later")
	f.StringVar(&flags.to, "to", "", "only appointments that start before this `DATE`")
	f.StringVar(&flags.out, "out", "", "write to this `FILE` and not to standard output")
	group.AddCommand(cmd)
	return group
}

func runExport(ctx context.Context, std cli.Streams, flags exportFlags) (err error) {
	if flags.account == "" {
		return cli.AsUsage(errors.New("say with --account whose appointments"))
	}
	id, err := domain.ParseID[domain.AccountID](flags.account)
	if err != nil {
		return cli.AsUsage(fmt.Errorf("--account: %w", err))
	}
	if _, err := exporting.NewWriter(flags.format, io.Discard, time.Time{}); err != nil {
		return err
	}
	in, err := installation.OpenExisting(ctx, flags.at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	ex := exporting.Exporter{In: in, Account: id}
	if ex.From, ex.To, err = flags.bounds(ctx, in, id); err != nil {
		return err
	}
	if flags.out == "" {
		return ex.WriteTo(ctx, std.Out, flags.format)
	}
	return writeWhole(flags.out, func(to io.Writer) error { return ex.WriteTo(ctx, to, flags.format) })
}

// endOfTime is behind every appointment.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// bounds are the first instants of the dates, in the account's zone.
func (f exportFlags) bounds(
	ctx context.Context, in *installation.Installation, id domain.AccountID,
) (from, to time.Time, err error) {
	from, to = time.Unix(0, 0).UTC(), endOfTime
	settled, ok, err := directory.Accounts{DB: in.Views}.One(ctx, id)
	if err == nil && !ok {
		err = account.ErrUnknown
	}
	if err != nil {
		return from, to, err
	}
	zone, err := domain.ParseZone(settled.Zone)
	if err == nil && f.from != "" {
		if from, err = simulation.ParseDay("from", f.from, zone); err != nil {
			return from, to, cli.AsUsage(err)
		}
	}
	if err == nil && f.to != "" {
		if to, err = simulation.ParseDay("to", f.to, zone); err != nil {
			return from, to, cli.AsUsage(err)
		}
	}
	if err == nil && !from.Before(to) {
		err = cli.AsUsage(fmt.Errorf("--to %s is not after --from %s", f.to, f.from))
	}
	return from, to, err
}

// writeWhole leaves a whole file behind or none, readable to its owner only.
func writeWhole(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the export cannot be written: %w", err)
	}
	if err = errors.Join(write(file), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
