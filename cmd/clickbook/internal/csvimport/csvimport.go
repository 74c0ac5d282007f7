// Package csvimport imports appointments from a CSV file into an installation, and reports what it did. The rules are
// in commands/importing. This package gives them the rows, the read models and the file for refused rows.
package csvimport

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
)

// Options say what to import, and into what.
type Options struct {
	importing.Options
	Path    string
	Refused string // path of the report of refused rows
	At      installation.Location
	Order   sheet.Order
	Columns map[sheet.Field]string
}

// Run imports the file as far as it can be read. If something ends it early, the report says what was imported until
// then. A sheet that is too large is refused as a whole.
func Run(ctx context.Context, std cli.Streams, options Options) (err error) {
	source, err := openSource(options.Path)
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	reader, columns, err := source.begin(options)
	if err != nil {
		return err
	}
	in, err := open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	bar := cli.Progress(std.Err, source.size, "importing")
	report, ended, err := into(ctx, in, source, reader, columns, options, func() { _ = bar.Set64(source.read) })
	_ = bar.Finish()
	if err != nil {
		return err
	}
	if err := print(std.Out, report, options); err != nil {
		return err
	}
	return verdict(ended, report, options)
}

// into imports a file that was begun. ended says why the import ended before the file did; the report says what was
// imported until then.
func into(
	ctx context.Context, in *installation.Installation, source *source, reader *sheet.Reader, columns sheet.Columns,
	options Options, progress func(),
) (report importing.Report, ended, err error) {
	refused := &refusedFile{path: options.Refused, layout: reader.Layout, header: reader.Header}
	im, err := importing.New(ctx, importing.Ports{
		Engine: in.Engine, Booking: in.Booking, Keys: in.Keys, Directory: readModels{in}, Refusals: refused,
	}, options.Options)
	if err != nil {
		return report, nil, err
	}
	account := im.Account()
	home := sheet.Home{Zone: account.Zone, Country: account.Country, Dates: options.Order}
	if err := im.Survey(ctx, &sheetRows{reader: reader, columns: columns, home: home}); err != nil {
		return report, nil, err
	}
	refused.layout.Marked = refused.layout.Marked || reader.Legacy // the report is UTF-8
	if reader, columns, err = source.begin(options); err != nil {
		return report, nil, err
	}
	ended = im.All(ctx, &sheetRows{reader: reader, columns: columns, home: home}, progress)
	return im.Report(), ended, refused.Close()
}

// open opens the data directory. A new one may lag behind the disk until it is closed, because an import into it can
// start over.
func open(ctx context.Context, options Options) (*installation.Installation, error) {
	isNew := !options.At.Exists()
	if isNew && !options.Account.IsZero() {
		return nil, installation.NoData(options.At)
	}
	return installation.Open(ctx, options.At, installation.Options{Now: time.Now, Lax: isNew})
}

// verdict returns the error of an import that ended early or refused rows.
func verdict(ended error, report importing.Report, options Options) error {
	if _, refused := domain.AsRefusal(ended); refused {
		return fmt.Errorf("%s: %w; what was imported stays and is not imported twice", options.Path, ended)
	}
	if ended != nil {
		return fmt.Errorf("%s: %w", options.Path, ended)
	}
	return Refused(report.Refused, report.Rows, options.Refused)
}

// Refused returns the error of an import that refused rows, which are in a file. It returns nil if there are none.
func Refused(refused, rows int, path string) error {
	if refused == 0 {
		return nil
	}
	return refusedRows{fmt.Sprintf("%d of %d rows were refused; correct them in %s and import that file",
		refused, rows, path)}
}

// refusedRows is cli.ErrPartlyRefused with the numbers of an import.
type refusedRows struct{ sentence string }

func (r refusedRows) Error() string { return r.sentence }

func (refusedRows) Is(other error) bool { return other == cli.ErrPartlyRefused }
