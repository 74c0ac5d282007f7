package simulation

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/fold"
)

// visit is one row of the public record: who was booked where, when, and whether they came.
type visit struct {
	id      string    // the record's own number
	patient string    // the record's own number of the person
	female  bool      // picks the made-up first name
	clinic  string    // neighbourhood
	booked  time.Time // instant of booking
	day     time.Time // midnight of the appointment's local day
	noShow  bool
	start   time.Time // made up: the record has no time of day
}

// record is what was read: the visits to simulate in booking order, and the rows that were left out.
type record struct {
	zone    *time.Location
	visits  []visit
	outside int      // rows whose day is not in [from, to)
	odd     []string // contradictory rows that were left out, each with its reason
}

// recordColumns are the columns that the simulation reads. docs/simulation.md describes them.
var recordColumns = []string{
	"PatientId", "AppointmentID", "Gender", "ScheduledDay", "AppointmentDay", "Neighbourhood", "No_show",
}

// readRecord reads a file, gzipped or not, and keeps the visits whose day is in [from, to).
func readRecord(path string, zone *time.Location, from, to time.Time) (*record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the appointments cannot be read: %w; check --appointments", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	rows, err := sheet.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s has no readable header line: %s", path, err.Error())
	}
	at, err := findColumns(rows.Header, recordColumns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	result, line := &record{zone: zone}, 1
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // half a record is not simulated as a whole one
			return nil, fmt.Errorf("%s cannot be read beyond line %d: %s; get the whole file again", path,
				max(line, row.Line), err.Error())
		}
		line = row.Line
		if err := result.add(row.Cells, at, from, to); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", path, line, err)
		}
	}
	slices.SortFunc(result.visits, func(a, b visit) int {
		if order := a.booked.Compare(b.booked); order != 0 {
			return order
		}
		return strings.Compare(a.id, b.id)
	})
	return result, nil
}

// findColumns finds the columns by name, regardless of case and punctuation: the record is published with No_show and
// with No-show.
func findColumns(header, wanted []string) (map[string]int, error) {
	at := make(map[string]int, len(wanted))
	var missing []string
	for _, name := range wanted {
		i := slices.IndexFunc(header, func(other string) bool { return fold.Key(other) == fold.Key(name) })
		if i < 0 {
			missing = append(missing, name)
		}
		at[name] = i
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the header has no column %s; it has %s",
			strings.Join(missing, ", "), strings.Join(header, ", "))
	}
	return at, nil
}

// parseTime parses a time in the form of a layout, or in that of RFC 3339, in which the record is published too: with
// a Z that does not mean UTC.
func parseTime(layout, text string, zone *time.Location) (time.Time, error) {
	if at, err := time.ParseInLocation("2006-01-02T15:04:05Z", text, zone); err == nil {
		return at, nil
	}
	return time.ParseInLocation(layout, text, zone)
}

// add adds a row if its day is in [from, to).
func (r *record) add(row []string, at map[string]int, from, to time.Time) error {
	booked, err := parseTime(time.DateTime, row[at["ScheduledDay"]], r.zone)
	if err != nil {
		return fmt.Errorf("ScheduledDay %q is not like 2016-04-29 18:38:08", row[at["ScheduledDay"]])
	}
	date, err := parseTime(time.DateOnly, row[at["AppointmentDay"]], time.UTC)
	if err != nil {
		return fmt.Errorf("AppointmentDay %q is not like 2016-04-29", row[at["AppointmentDay"]])
	}
	if err := errors.Join(domain.CheckInstant(booked), domain.CheckInstant(date)); err != nil {
		return err
	}
	day := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, r.zone)
	v := visit{
		id: row[at["AppointmentID"]], patient: row[at["PatientId"]],
		female: row[at["Gender"]] == "F", clinic: row[at["Neighbourhood"]],
		booked: booked, day: day, noShow: row[at["No_show"]] == "Yes",
	}
	switch {
	case day.Before(from) || !day.Before(to):
		r.outside++
	case !booked.Before(day.AddDate(0, 0, 1)):
		r.odd = append(r.odd, fmt.Sprintf("appointment %s at %s was booked on %s, after its own day %s: left out",
			v.id, v.clinic, booked.Format(time.DateOnly), day.Format(time.DateOnly)))
	default:
		r.visits = append(r.visits, v)
	}
	return nil
}
