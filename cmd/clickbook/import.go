package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/csvimport"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/remote"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

// importFlags are the flags of an import.
type importFlags struct {
	at                             installation.Location
	server                         remote.Server
	account, dates, refused, hours string
	units                          int
	fresh                          account.Form
	columns                        map[sheet.Field]*string
}

func newImport(std cli.Streams, getenv func(string) string) *cobra.Command {
	group := &cobra.Command{Use: "import", Short: "Import data from other programs"}
	group.AddCommand(newImportCSV(std, getenv))
	return group
}

func newImportCSV(std cli.Streams, getenv func(string) string) *cobra.Command {
	flags := importFlags{columns: make(map[sheet.Field]*string)}
	cmd := &cobra.Command{
		Use:   "csv --account ID FILE",
		Short: "Import appointments with their clients, services and resources from a CSV file",
		Long: `Reads a CSV file, gzipped or not, with one appointment per row and the column names in the first line.
Columns are recognised by their names in English, German, French, Spanish or Portuguese, or named by the flags below.
An empty name makes the import ignore a column. Required are the client's name, the start, and the end or the
duration; the name, the date and the time of day may be in columns of their own.

Rows that cannot be imported are written to FILE.refused.csv with their line and the reason, and the exit code is
3. All others are imported. Correct the rows in that file and import it: nothing is imported twice.

Resources and services are recognised by their names and made if they are missing. Clients are recognised by phone
number or email address and name; the report lists the rows that have the name alone. Past appointments may lie
outside opening hours, but no resource is booked beyond its units.`,
		Example: `  clickbook import csv --data data --new-account "Studio Bia" --account-zone America/Sao_Paulo \
    --account-country BR --account-locale pt-BR appointments.csv
  clickbook import csv --data data --account 6ba7b810-9dad-11d1-80b4-00c04fd430c8 \
    --client-name who --start when --duration minutes --dates dmy --units 3 export.csv.gz`,
		Args: cli.ExactlyOne("one file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := flags.parse(cmd, args[0])
			if err != nil {
				return cli.AsUsage(err)
			}
			if flags.server.Given() {
				return importRemotely(cmd.Context(), std, flags, options)
			}
			return csvimport.Run(cmd.Context(), std, options)
		},
	}
	f := cmd.Flags()
	locationFlags(&flags.at, cmd, getenv)
	flags.server.Flags(cmd, getenv)
	f.StringVar(&flags.account, "account", "", "import into the account with this `ID`")
	f.StringVar(&flags.fresh.Name, "new-account", "",
		"open an account with this `NAME`, or find the one an earlier import opened")
	f.StringVar(&flags.fresh.Zone, "account-zone", "", "IANA `ZONE` of the new account")
	f.StringVar(&flags.fresh.Country, "account-country", "", "`COUNTRY` of the new account, such as BR")
	f.StringVar(&flags.fresh.Locale, "account-locale", "en", "`LOCALE` of the new account, such as pt-BR")
	f.StringVar(&flags.dates, "dates", "ymd", "how dates are written: ymd, dmy or mdy")
	f.IntVar(&flags.units, "units", 0, "at least `N` units for each resource that an import has made (default 1)")
	f.StringVar(&flags.hours, "hours", "00:00-24:00", "daily opening `HOURS` of resources made by the import")
	f.StringVar(&flags.refused, "refused", "", "write refused rows to this `FILE` (default FILE.refused.csv)")
	for _, known := range sheet.Fields {
		flags.columns[known.Field] = f.String(string(known.Field), "", "`COLUMN` with "+known.What)
	}
	return cmd
}

// parse checks everything that can be checked before the file is opened. Errors are usage errors.
func (f importFlags) parse(cmd *cobra.Command, path string) (options csvimport.Options, err error) {
	options = csvimport.Options{
		Path: path, Refused: cmp.Or(f.refused, path+".refused.csv"), At: f.at, Columns: make(map[sheet.Field]string),
	}
	if options.Refused == path {
		return options, errors.New("--refused names the file to import; name another one")
	}
	for field, column := range f.columns {
		if cmd.Flags().Changed(string(field)) {
			options.Columns[field] = *column
		}
	}
	if options.Order, err = sheet.ParseOrder(f.dates); err != nil {
		return options, fmt.Errorf("--dates: %w", err)
	}
	if f.units < 0 || f.units == 0 && cmd.Flags().Changed("units") {
		return options, fmt.Errorf("--units must be 1 or more, not %d", f.units)
	}
	options.Units = f.units
	if options.Hours, err = csvimport.ParseDailyHours(f.hours); err != nil {
		return options, fmt.Errorf("--hours: %w", err)
	}
	switch {
	case f.server.Given():
		if f.fresh.Name != "" {
			return options, errors.New("--new-account needs --data; with --server, import into an account that exists")
		}
	case (f.account == "") == (f.fresh.Name == ""):
		return options, errors.New("either --account or --new-account is required")
	case f.account != "":
		if options.Account, err = domain.ParseID[domain.AccountID](f.account); err != nil {
			return options, fmt.Errorf("--account: %w", err)
		}
	default:
		if options.Settings, err = account.NewSettings(f.fresh); err != nil {
			return options, fmt.Errorf("--new-account: %w", err)
		}
	}
	return options, nil
}

// maxRemote bounds the size of a gzipped sheet that goes to a server.
const maxRemote = 700_000

// importRemotely lets a running server import the file, waits until it is done, and prints the server's report.
func importRemotely(ctx context.Context, std cli.Streams, flags importFlags, options csvimport.Options) error {
	if err := flags.server.Check(); err != nil {
		return err
	}
	packed, err := gzipped(options.Path)
	if err != nil {
		return err
	}
	account, err := flags.server.Account(ctx, flags.account)
	if err != nil {
		return err
	}
	terms := map[string]any{
		"file": packed, "dates": flags.dates, "hours": flags.hours, "units": flags.units, "columns": options.Columns,
	}
	path := "/accounts/" + url.PathEscape(account) + "/imports"
	var last struct {
		ID, State, Problem, Report string
		Rows, Refused              int
		RefusedRows                string `json:"refused_rows"`
	}
	if err := flags.server.Post(ctx, path, terms, &last); err != nil {
		return err
	}
	err = remote.Poll(ctx, func() (bool, error) {
		err := flags.server.Get(ctx, path+"/"+last.ID, nil, &last)
		return last.State != "running", err
	})
	if err != nil {
		return err
	}
	if last.RefusedRows != "" {
		if err := os.WriteFile(options.Refused, []byte(last.RefusedRows), 0o600); err != nil {
			return fmt.Errorf("the refused rows cannot be reported: %w", err)
		}
	}
	fmt.Fprint(std.Out, last.Report)
	if last.State != "done" {
		return fmt.Errorf("%s: %s", options.Path, last.Problem)
	}
	return csvimport.Refused(last.Refused, last.Rows, options.Refused)
}

// gzipped returns a file gzipped, which it may be already.
func gzipped(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if !bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		var packed bytes.Buffer
		to := gzip.NewWriter(&packed)
		if _, err := io.Copy(to, bytes.NewReader(content)); err != nil {
			return nil, err
		}
		if err := to.Close(); err != nil {
			return nil, err
		}
		content = packed.Bytes()
	}
	if len(content) > maxRemote {
		return nil, fmt.Errorf("%s has %d bytes when it is gzipped, and a server takes %d; import it in parts",
			path, len(content), maxRemote)
	}
	return content, nil
}
