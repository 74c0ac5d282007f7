package csvimport

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
)

// sheetRows is the importing.Rows of a CSV file.
type sheetRows struct {
	reader  *sheet.Reader
	columns sheet.Columns
	home    sheet.Home
	warned  bool // that the sheet is not UTF-8
}

const legacyText = "the sheet is not UTF-8 and was read as Windows-1252: check the names with accents"

func (s *sheetRows) Next() (importing.Row, error) {
	read, err := s.reader.Next()
	row := importing.Row{Line: read.Line, Cells: read.Cells, Refused: err}
	if s.reader.Legacy && !s.warned {
		row.Warnings, s.warned = []string{legacyText}, true
	}
	if errors.Is(err, sheet.ErrRow) {
		return row, nil
	}
	if err != nil {
		return row, err
	}
	parsed, err := s.columns.Parse(read, s.home)
	if err != nil {
		row.Refused = err
		return row, nil
	}
	row.Appointment = importing.Appointment{
		ID: parsed.ID, Client: parsed.Client, Phone: parsed.Phone, Country: parsed.Country, Email: parsed.Email,
		Service: parsed.Service, Start: parsed.Start, End: parsed.End, Zone: parsed.Zone, Status: parsed.Status,
		BookedAt: parsed.BookedAt, Notes: parsed.Notes,
	}
	row.Warnings = append(row.Warnings, parsed.Warnings...)
	for _, taken := range parsed.Taken {
		row.Appointment.Taken = append(row.Appointment.Taken, importing.Taken(taken))
	}
	return row, nil
}

// readModels is the importing.Directory of an installation.
type readModels struct{ in *installation.Installation }

// Known first brings the read models up to date, and the visits with the time zones: an import must not take a time
// that was promised.
func (r readModels) Known(ctx context.Context, account domain.AccountID) (known importing.Known, err error) {
	if err := r.in.CatchUp(ctx); err != nil {
		return known, err
	}
	resources, err := directory.Resources{DB: r.in.Views}.All(ctx, account)
	if err != nil {
		return known, err
	}
	for _, one := range resources { // retired ones come last
		known.Resources = append(known.Resources, importing.KnownResource{ID: one.ID, Name: one.Name})
	}
	services, err := directory.Services{DB: r.in.Views}.All(ctx, account)
	for _, one := range services {
		known.Services = append(known.Services, importing.KnownService{
			ID: one.ID, Policy: one.Policy, Version: one.Version, Retired: one.Retired,
		})
	}
	if err != nil {
		return known, err
	}
	clients, err := directory.Clients{DB: r.in.Views}.All(ctx, account)
	for _, one := range clients {
		known.Clients = append(known.Clients, importing.KnownClient{
			ID: one.ID, Name: one.Name, Phone: one.Phone, Email: one.Email,
		})
	}
	return known, err
}

// refusedFile is the file of refused rows. The first refusal creates it, and replaces the report of an earlier
// import.
type refusedFile struct {
	path   string
	layout sheet.Layout
	header []string
	file   *os.File
	rows   *sheet.Refusals
}

func (r *refusedFile) Refuse(row importing.Row, reason string) (err error) {
	if r.file == nil {
		if r.file, err = os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("the refused rows cannot be reported: %w", err)
		}
		r.rows = sheet.NewRefusals(r.file, r.layout, r.header)
	}
	return r.rows.Add(sheet.Row{Line: row.Line, Cells: row.Cells}, reason)
}

func (r *refusedFile) Close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.rows.Flush(), r.file.Close())
}
