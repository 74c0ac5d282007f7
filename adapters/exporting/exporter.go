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
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// pageSize is how many appointments are in memory at once.
const pageSize = 500

// erasedName replaces the name of an erased client.
const erasedName = "erased"

// Exporter reads the appointments of one account that start in [From, To), page by page.
type Exporter struct {
	Reader   projections.Reader
	Account  domain.AccountID
	From, To time.Time
	Now      time.Time // when the export is made
}

// WriteTo writes the appointments in a format, ordered by start.
func (ex Exporter) WriteTo(ctx context.Context, to io.Writer, formatName string) error {
	buffered := bufio.NewWriter(to)
	out, err := newFormat(formatName, buffered, ex.Now)
	if err != nil {
		return err
	}
	resources := make(map[domain.ResourceID]string)
	known, err := ex.Reader.Resources.All(ctx, ex.Account)
	if err != nil {
		return err
	}
	for _, r := range known {
		resources[r.ID] = r.Name
	}
	selection := projections.Selection{During: domain.Interval{Start: ex.From, End: ex.To}, Limit: pageSize}
	for {
		page, err := ex.Reader.Calendar.Find(ctx, ex.Account, selection)
		if err != nil {
			return err
		}
		if err := ex.write(ctx, out, page, resources); err != nil {
			return err
		}
		if len(page) < pageSize {
			return errors.Join(out.close(), buffered.Flush())
		}
		selection.After = page[len(page)-1].Cursor()
	}
}

func (ex Exporter) write(
	ctx context.Context, out format, page []projections.Appointment, resources map[domain.ResourceID]string,
) error {
	clients := make(map[domain.ClientID]directory.Client)
	ids := make([]domain.AppointmentID, len(page))
	for i, a := range page {
		ids[i] = a.ID
	}
	notes, err := ex.Reader.Notes.Of(ctx, ex.Account, ids)
	if err != nil {
		return err
	}
	for _, a := range page {
		if a.Visit.Start.Before(ex.From) { // it started before and overlaps
			continue
		}
		client, ok := clients[a.Client]
		if !ok {
			var err error
			if client, _, err = ex.Reader.Clients.One(ctx, ex.Account, a.Client); err != nil {
				return err
			}
			if client.Erased {
				client.Name, client.Phone, client.Email = erasedName, "", ""
			}
			clients[a.Client] = client
		}
		if err := out.write(entry{a, client, notes[a.ID], resources}); err != nil {
			return err
		}
	}
	return nil
}

// entry is one appointment with what its columns say.
type entry struct {
	projections.Appointment
	client    directory.Client
	notes     []projections.Note
	resources map[domain.ResourceID]string
}

// promised returns the start and end by the time zone table in force. They differ from those held only while an
// appointment waits on the work list, because its new time is taken.
func (a entry) promised() (start, end time.Time) {
	start = availability.Promised(a.Visit.Local, a.Visit.Zone, a.Visit.Start)
	return start, start.Add(a.Visit.End.Sub(a.Visit.Start))
}

// csvFormat writes sheets that can be imported.
type csvFormat struct{ to *sheet.Writer }

// write leaves out a request that is not decided yet: nothing was promised, so nothing can be imported.
func (e csvFormat) write(a entry) error {
	if a.Status == appointment.StatusPending {
		return nil
	}
	start, end := a.promised()
	row := sheet.Appointment{
		ID: a.ID.String(), Client: a.client.Name, Phone: a.client.Phone, Email: a.client.Email, Service: a.ServiceName,
		Start: start, End: end, Zone: a.Visit.Zone, Status: a.Status, BookedAt: a.RequestedAt,
	}
	for _, note := range a.notes {
		row.Notes = append(row.Notes, note.Text)
	}
	for _, leg := range a.Visit.Legs {
		row.Taken = append(row.Taken, sheet.Taken{Resource: a.resources[leg.Resource], Units: leg.Units})
	}
	// legs are ordered by ids, which differ between installations
	slices.SortStableFunc(row.Taken, func(a, b sheet.Taken) int { return cmp.Compare(a.Resource, b.Resource) })
	return e.to.Write(row)
}

func (e csvFormat) close() error { return e.to.Flush() }

// icsFormat writes calendars.
type icsFormat struct{ to *ical.Writer }

func (e icsFormat) write(a entry) error {
	start, end := a.promised()
	event := ical.Event{
		UID: a.ID.String(), Sequence: a.Sequence, Status: a.Status, Summary: a.ServiceName + ": " + a.client.Name,
		Start: start, End: end, Created: a.RequestedAt,
	}
	for _, leg := range a.Visit.Legs {
		event.With = append(event.With, a.resources[leg.Resource])
	}
	slices.Sort(event.With)
	return e.to.Write(event)
}

func (e icsFormat) close() error { return e.to.Close() }
