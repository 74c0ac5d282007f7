// Package exporting writes an account's appointments for other programs, as CSV or iCalendar.
package exporting

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// exportedAtOnce is how many appointments are in memory at once.
const exportedAtOnce = 500

// erasedName stands where a name was.
const erasedName = "erased"

// exporter reads one account's appointments page by page.
type Exporter struct {
	In       *installation.Installation
	Account  domain.AccountID
	From, To time.Time
}

func (ex Exporter) WriteTo(ctx context.Context, to io.Writer, format string) error {
	buffered := bufio.NewWriter(to)
	out, err := NewWriter(format, buffered, ex.In.Engine.Now())
	if err != nil {
		return err
	}
	resources := make(map[domain.ResourceID]string)
	known, err := directory.Resources{DB: ex.In.Views}.All(ctx, ex.Account)
	if err != nil {
		return err
	}
	for _, r := range known {
		resources[r.ID] = r.Name
	}
	selection := projections.Selection{During: domain.Interval{Start: ex.From, End: ex.To}, Limit: exportedAtOnce}
	for {
		page, err := projections.Calendar{DB: ex.In.Views}.Find(ctx, ex.Account, selection)
		if err != nil {
			return err
		}
		if err := ex.write(ctx, out, page, resources); err != nil {
			return err
		}
		if len(page) < exportedAtOnce {
			return errors.Join(out.close(), buffered.Flush())
		}
		selection.After = page[len(page)-1].Cursor()
	}
}

func (ex Exporter) write(
	ctx context.Context, out appointmentWriter, page []projections.Appointment, resources map[domain.ResourceID]string,
) error {
	clients := make(map[domain.ClientID]directory.Client)
	for _, a := range page {
		if a.Visit.Start.Before(ex.From) { // it began before and still ran
			continue
		}
		who, ok := clients[a.Client]
		if !ok {
			var err error
			if who, _, err = (directory.Clients{DB: ex.In.Views}).One(ctx, ex.Account, a.Client); err != nil {
				return err
			}
			if who.Erased {
				who.Name, who.Phone, who.Email = erasedName, "", ""
			}
			clients[a.Client] = who
		}
		if err := out.write(a, who, resources); err != nil {
			return err
		}
	}
	return nil
}

// csvExport writes sheets that an import reads.
type csvExport struct{ to *sheet.Writer }

func (e csvExport) write(
	a projections.Appointment, c directory.Client, resources map[domain.ResourceID]string,
) error {
	row := sheet.Appointment{
		ID: a.ID.String(), Client: c.Name, Phone: c.Phone, Email: c.Email, Service: a.ServiceName,
		Start: a.Visit.Start, End: a.Visit.End, Zone: a.Visit.Zone, Status: a.Status, BookedAt: a.RequestedAt,
	}
	for _, leg := range a.Visit.Legs {
		row.Taken = append(row.Taken, sheet.Taken{Resource: resources[leg.Resource], Units: leg.Units})
	}
	// legs stand in the order of their ids, which are others in another installation
	slices.SortStableFunc(row.Taken, func(a, b sheet.Taken) int { return cmp.Compare(a.Resource, b.Resource) })
	return e.to.Write(row)
}

func (e csvExport) close() error { return e.to.Flush() }

// icsExport writes calendars.
type icsExport struct{ to *ical.Writer }

func (e icsExport) write(
	a projections.Appointment, c directory.Client, resources map[domain.ResourceID]string,
) error {
	event := ical.Event{
		UID: a.ID.String(), Sequence: a.Sequence, Status: a.Status, Summary: a.ServiceName + ": " + c.Name,
		Start: a.Visit.Start, End: a.Visit.End, Created: a.RequestedAt,
	}
	for _, leg := range a.Visit.Legs {
		event.With = append(event.With, resources[leg.Resource])
	}
	slices.Sort(event.With)
	return e.to.Write(event)
}

func (e icsExport) close() error { return e.to.Close() }
