package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/exporting"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// exportFlags are the flags of an export.
type exportFlags struct {
	at                             installation.Location
	server                         remote.Server
	account, format, from, to, out string
}

func newExport(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "export", Short: "Export data for other programs"}
	var flags exportFlags
	cmd := &cobra.Command{
		Use:   "appointments --account ID",
		Short: "Write an account's appointments as CSV or iCalendar",
		Long: `Writes the appointments of an account, ordered by start. The CSV can be imported again. It is safe to open in
a spreadsheet: a cell that would run as a formula gets an apostrophe. The iCalendar (RFC 5545) has each appointment's
UID and SEQUENCE, so that a calendar that reads it twice shows it once. Erased clients appear as "erased", without a
number or an address.`,
		Example: `  clickbook export appointments --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 > all.csv
  clickbook export appointments --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 \
    --format ics --from 2026-12-01 --to 2027-01-01 --out december.ics
  clickbook export appointments --server http://127.0.0.1:8080 --from 2026-12-01 --to 2027-01-01`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), std, flags) },
	}
	f := cmd.Flags()
	locationFlags(&flags.at, cmd, getenv)
	flags.server.Flags(cmd, getenv)
	f.StringVar(&flags.account, "account", "", "`ID` of the account")
	f.StringVar(&flags.format, "format", "csv", "csv or ics")
	f.StringVar(&flags.from, "from", "", "only appointments that start on or after this `DATE`, in the account's zone")
	f.StringVar(&flags.to, "to", "", "only appointments that start before this `DATE`")
	f.StringVar(&flags.out, "out", "", "write to this `FILE` instead of standard output")
	group.AddCommand(cmd)
	return group
}

func runExport(ctx context.Context, std cli.Streams, flags exportFlags) (err error) {
	if flags.server.Given() {
		return exportRemotely(ctx, std, flags)
	}
	if flags.account == "" {
		return cli.AsUsage(errors.New("--account is required"))
	}
	id, err := domain.ParseID[domain.AccountID](flags.account)
	if err != nil {
		return cli.AsUsage(fmt.Errorf("--account: %w", err))
	}
	if err := exporting.CheckFormat(flags.format); err != nil {
		return cli.AsUsage(err)
	}
	in, err := installation.OpenExisting(ctx, flags.at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if _, err := in.Projector.CatchUp(ctx); err != nil {
		return err
	}
	ex := exporting.Exporter{Reader: projections.NewReader(in.Views), Account: id, Now: in.Engine.Now()}
	if ex.From, ex.To, err = flags.bounds(ctx, in, id); err != nil {
		return err
	}
	if flags.out == "" {
		return ex.WriteTo(ctx, std.Out, flags.format)
	}
	return writeWhole(flags.out, func(to io.Writer) error { return ex.WriteTo(ctx, to, flags.format) })
}

// exportRemotely downloads the file from a running server.
func exportRemotely(ctx context.Context, std cli.Streams, flags exportFlags) error {
	if err := flags.server.Check(); err != nil {
		return err
	}
	if err := exporting.CheckFormat(flags.format); err != nil {
		return cli.AsUsage(err)
	}
	if flags.from == "" || flags.to == "" {
		return cli.AsUsage(errors.New("--from and --to are required with --server, which writes at most 366 days at once"))
	}
	account, err := flags.server.Account(ctx, flags.account)
	if err != nil {
		return err
	}
	path := "/accounts/" + url.PathEscape(account) + "/appointments." + flags.format
	query := url.Values{"from": {flags.from}, "to": {flags.to}}
	if flags.out == "" {
		return flags.server.Copy(ctx, path, query, std.Out)
	}
	return writeWhole(flags.out, func(to io.Writer) error { return flags.server.Copy(ctx, path, query, to) })
}

// Every appointment starts in this range.
var (
	startOfTime = time.Date(domain.FirstYear-1, 12, 31, 0, 0, 0, 0, time.UTC)
	endOfTime   = time.Date(domain.EndYear, 1, 2, 0, 0, 0, 0, time.UTC)
)

// bounds returns the midnights of --from and --to in the account's zone.
func (f exportFlags) bounds(
	ctx context.Context, in *installation.Installation, id domain.AccountID,
) (from, to time.Time, err error) {
	from, to = startOfTime, endOfTime
	known, ok, err := directory.Accounts{DB: in.Views}.One(ctx, id)
	if err == nil && !ok {
		err = account.ErrUnknown
	}
	if err != nil {
		return from, to, err
	}
	zone, err := domain.ParseZone(known.Zone)
	if err == nil && f.from != "" {
		if from, err = cli.ParseDay("from", f.from, zone); err != nil {
			return from, to, cli.AsUsage(err)
		}
	}
	if err == nil && f.to != "" {
		if to, err = cli.ParseDay("to", f.to, zone); err != nil {
			return from, to, cli.AsUsage(err)
		}
	}
	if err == nil && !from.Before(to) {
		err = cli.AsUsage(fmt.Errorf("--to %s is not after --from %s", f.to, f.from))
	}
	return from, to, err
}

// writeWhole writes a file that only its owner can read. If it fails, it leaves no file.
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
