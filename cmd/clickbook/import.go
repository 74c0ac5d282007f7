package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/importing"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/resource"
)

// importFlags are the command line of an import.
type importFlags struct {
	at                             installation.Home
	account, dates, refused, hours string
	units                          int
	fresh                          account.Form
	columns                        map[sheet.Field]*string
}

func newImport(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "import", Short: "Bring in what another program knows"}
	group.AddCommand(newImportCSV(std, getenv))
	return group
}

func newImportCSV(std cli.Streams, getenv func(string) string) *cobra.Command {
	flags := importFlags{columns: make(map[sheet.Field]*string)}
	cmd := &cobra.Command{
		Use:   "csv --account ID FILE",
		Short: "Import appointments with their clients, services and resources from a CSV file",
		Long: `Reads a CSV file, gzipped or not, with one appointment a row and the names of the columns in its first line.
Columns are recognised by their names, in English or Portuguese, or named by the flags below; a flag with an empty
name leaves a column out. Needed are the client's name, the start, and the end or the duration.

Rows that cannot be taken are reported with their line and the reason to FILE.refused.csv; all others are imported,
and the exit code is then 3. Mend the rows in that report and import it: what is in already is not taken twice.

Resources and services are recognised by their names and made when first seen. The past is not held to opening
hours, but no resource is ever booked beyond its units.`,
		Example: `  clickbook import csv --data data --new-account "Studio Bia" --account-zone America/Sao_Paulo \
    --account-country BR --account-locale pt-BR appointments.csv
  clickbook import csv --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 \
    --client-name who --start when --duration minutes --dates dmy --units 3 export.csv.gz`,
		Args: cli.ExactlyOne("one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, err := flags.parse(cmd, args[0])
			if err != nil {
				return err
			}
			return runImport(cmd.Context(), std, wanted)
		},
	}
	f := cmd.Flags()
	homeFlags(&flags.at, cmd, getenv)
	f.StringVar(&flags.account, "account", "", "`ID` of the account that gets the appointments")
	f.StringVar(&flags.fresh.Name, "new-account", "",
		"open an account of this `NAME` for them; the same name finds it again")
	f.StringVar(&flags.fresh.Zone, "account-zone", "", "IANA `ZONE` of the new account")
	f.StringVar(&flags.fresh.Country, "account-country", "", "`COUNTRY` of the new account, such as BR")
	f.StringVar(&flags.fresh.Locale, "account-locale", "en", "`LOCALE` of the new account, such as pt-BR")
	f.StringVar(&flags.dates, "dates", "ymd", "how dates are written: ymd, dmy or mdy")
	f.IntVar(&flags.units, "units", 0, "`N` units, at least, for each resource that an import has made (default 1)")
	f.StringVar(&flags.hours, "hours", "00:00-24:00", "daily opening hours of resources made by the import")
	f.StringVar(&flags.refused, "refused", "", "report refused rows to this `FILE` (default FILE.refused.csv)")
	for _, known := range sheet.Fields {
		flags.columns[known.Field] = f.String(string(known.Field), "", "`COLUMN` with "+known.What)
	}
	return cmd
}

func (f importFlags) parse(cmd *cobra.Command, path string) (wish importing.Options, err error) {
	wish = importing.Options{Path: path, Refused: f.refused, At: f.at, Units: f.units, Columns: make(map[sheet.Field]string)}
	if wish.Refused == "" {
		wish.Refused = path + ".refused.csv"
	}
	if wish.Refused == path {
		return wish, cli.AsUsage(errors.New("--refused names the file that is imported; name another one"))
	}
	for field, column := range f.columns {
		if cmd.Flags().Changed(string(field)) {
			wish.Columns[field] = *column
		}
	}
	if wish.Order, err = sheet.ParseOrder(f.dates); err != nil {
		return wish, cli.AsUsage(fmt.Errorf("--dates: %w", err))
	}
	if f.units < 0 || f.units == 0 && cmd.Flags().Changed("units") {
		return wish, cli.AsUsage(fmt.Errorf("--units must be 1 or more, not %d", f.units))
	}
	if wish.Hours, err = parseDailyHours(f.hours); err != nil {
		return wish, cli.AsUsage(fmt.Errorf("--hours: %w", err))
	}
	switch {
	case (f.account == "") == (f.fresh.Name == ""):
		return wish, cli.AsUsage(errors.New("say with --account which account gets the appointments, " +
			"or with --new-account that a new one does"))
	case f.account != "":
		if wish.Account, err = domain.ParseID[domain.AccountID](f.account); err != nil {
			return wish, cli.AsUsage(fmt.Errorf("--account: %w", err))
		}
	default:
		if wish.Settings, err = account.NewSettings(f.fresh); err != nil {
			return wish, cli.AsUsage(fmt.Errorf("--new-account: %w", err))
		}
	}
	return wish, nil
}

// parseDailyHours reads "08:00-18:00" as the hours of every day.
func parseDailyHours(text string) (resource.Hours, error) {
	hours := resource.Hours{Days: []int{0, 1, 2, 3, 4, 5, 6}}
	if len(text) != len("08:00-18:00") || text[5] != '-' {
		return hours, fmt.Errorf("%q are no hours; write them like 08:00-18:00", text)
	}
	hours.From, hours.To = text[:5], text[6:]
	_, _, err := hours.Minutes()
	return hours, err
}

// runImport reads the file as far as it goes. Whatever ends it early, the report says what was imported until then.
func runImport(ctx context.Context, std cli.Streams, wish importing.Options) (err error) {
	file, err := os.Open(wish.Path)
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	source := &counted{from: file}
	rows, err := sheet.NewReader(source)
	if err != nil {
		return fmt.Errorf("%s: %w", wish.Path, err)
	}
	columns, err := sheet.FindColumns(rows.Header, wish.Columns)
	if err != nil {
		return fmt.Errorf("%s: %w", wish.Path, err)
	}
	in, err := openForImport(ctx, wish)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	im, err := importing.New(ctx, in, wish, columns)
	if err != nil {
		return err
	}
	im.Refusals = importing.RefusalReport{Path: wish.Refused, Header: rows.Header}
	bar := cli.Progress(std.Err, sizeOf(file), "importing")
	ended := im.All(ctx, rows, func() { _ = bar.Set64(source.read) })
	_ = bar.Finish()
	if err := errors.Join(im.Refusals.Close(), im.Print(std.Out)); err != nil {
		return err
	}
	return im.Verdict(ended)
}

// openForImport opens the data directory: one that is new may lag behind the disk until the end, since an import
// into it can be run again from nothing.
func openForImport(ctx context.Context, wish importing.Options) (*installation.Installation, error) {
	isNew := !wish.At.Exists()
	if isNew && !wish.Account.IsZero() {
		return nil, installation.ErrNoData(wish.At)
	}
	return installation.Open(ctx, wish.At, installation.Options{Now: time.Now, Lax: isNew})
}

// counted counts the bytes read from a file, so that a bar can say how far it is.
type counted struct {
	from io.Reader
	read int64
}

func (c *counted) Read(into []byte) (int, error) {
	n, err := c.from.Read(into)
	c.read += int64(n)
	return n, err
}

func sizeOf(file *os.File) int64 {
	info, err := file.Stat()
	if err != nil {
		return -1
	}
	return info.Size()
}
