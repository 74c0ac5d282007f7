package sheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// header of our own sheets: each name is recognised by FindColumns.
var header = []string{
	"id", "client_name", "phone", "email", "service", "resource", "units_taken", "start", "end", "zone", "status",
	"booked_at",
}

// Writer writes appointments so that Reader reads the same ones back.
type Writer struct{ rows *csv.Writer }

// NewWriter writes the header. Errors come with Flush.
func NewWriter(to io.Writer) *Writer {
	w := &Writer{csv.NewWriter(to)}
	w.write(header...)
	return w
}

// Write adds a row: times by the clock of the appointment's zone with their offset, at most to the microsecond.
func (w *Writer) Write(a Appointment) error {
	zone, err := domain.ParseZone(a.Zone)
	if err != nil {
		return err
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return domain.Microseconds(t).In(zone).Format(time.RFC3339Nano)
	}
	names, units := make([]string, len(a.Taken)), make([]string, len(a.Taken))
	for i, taken := range a.Taken {
		names[i], units[i] = escape.Replace(taken.Resource), strconv.Itoa(taken.Units)
	}
	w.write(a.ID, a.Client, a.Phone, a.Email, a.Service, strings.Join(names, "; "), strings.Join(units, "; "),
		at(a.Start), at(a.End), a.Zone, string(a.Status), at(a.BookedAt))
	return w.rows.Error()
}

var escape = strings.NewReplacer(`\`, `\\`, `;`, `\;`)

// Flush writes out what is left and answers the first error there was.
func (w *Writer) Flush() error {
	w.rows.Flush()
	return w.rows.Error()
}

func (w *Writer) write(cells ...string) {
	for i, cell := range cells {
		cells[i] = guard(cell)
	}
	_ = w.rows.Write(cells) // kept by rows.Error
}

// Refusals is the report on rows that were not taken: line and reason, then the row as it was, so that it can be
// mended in place and imported.
type Refusals struct{ Writer }

// NewRefusals writes the header of the report on a sheet with the given header.
func NewRefusals(to io.Writer, header []string) *Refusals {
	r := &Refusals{Writer{csv.NewWriter(to)}}
	r.write(append([]string{"line", "reason"}, header...)...)
	return r
}

// Add reports one row.
func (r *Refusals) Add(row Row, reason string) error {
	r.write(append([]string{strconv.Itoa(row.Line), reason}, row.Cells...)...)
	return r.rows.Error()
}
