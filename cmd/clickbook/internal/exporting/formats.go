package exporting

import (
	"fmt"
	"io"
	"time"

	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// appointmentWriter is a format of export.
type appointmentWriter interface {
	write(a projections.Appointment, c directory.Client, resources map[domain.ResourceID]string) error
	close() error
}

// newWriter returns a writer of a format: csv or ics.
func NewWriter(format string, to io.Writer, now time.Time) (appointmentWriter, error) {
	switch format {
	case "csv":
		return csvExport{sheet.NewWriter(to)}, nil
	case "ics":
		return icsExport{ical.NewWriter(to, now)}, nil
	}
	return nil, cli.AsUsage(fmt.Errorf("--format is csv or ics, not %q", format))
}
