package sheet

import (
	"bufio"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// header is the header of our own sheets. FindColumns recognises every name in it.
var header = []string{
	"id", "client_name", "phone", "email", "service", "resource", "units_taken", "start", "end", "zone", "status",
	"booked_at", "notes",
}

// Writer writes appointments that Reader reads back equal.
type Writer struct{ rows *csv.Writer }

// NewWriter returns a Writer and writes the header. Flush returns its error.
func NewWriter(to io.Writer) *Writer {
	w := &Writer{csv.NewWriter(to)}
	w.write(header...)
	return w
}

// Write adds a row. It writes times in the appointment's zone with their offset, to the microsecond.
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
		at(a.Start), at(a.End), a.Zone, string(a.Status), at(a.BookedAt), joinNotes(a.Notes))
	return w.rows.Error()
}

var escape = strings.NewReplacer(`\`, `\\`, `;`, `\;`)

// Flush writes what is buffered and returns the first error of the writer.
func (w *Writer) Flush() error {
	w.rows.Flush()
	return w.rows.Error()
}

func (w *Writer) write(cells ...string) {
	for i, cell := range cells {
		cells[i] = guard(cell)
	}
	_ = w.rows.Write(cells) // rows.Error keeps the error
}

// ours are the columns that a report of refused rows has before those of the sheet. Reader drops them.
var ours = []string{"line", "reason"}

// Refusals writes a report on refused rows: the line, the reason, and the row itself, so that it can be corrected
// there and imported again.
type Refusals struct{ Writer }

// NewRefusals returns a report on a sheet, in the same layout.
func NewRefusals(to io.Writer, layout Layout, header []string) *Refusals {
	var head string
	if layout.Marked {
		head = string(utf8Mark)
	}
	if layout.Named {
		head += "sep=" + string(layout.Separator) + "\n"
	}
	buffered := bufio.NewWriter(to) // keeps its first error for Flush
	_, _ = buffered.WriteString(head)
	r := &Refusals{Writer{csv.NewWriter(buffered)}}
	r.rows.Comma = layout.Separator
	r.write(append(slices.Clone(ours), header...)...)
	return r
}

// Add adds a refused row to the report.
func (r *Refusals) Add(row Row, reason string) error {
	r.write(append([]string{strconv.Itoa(row.Line), reason}, row.Cells...)...)
	return r.rows.Error()
}
