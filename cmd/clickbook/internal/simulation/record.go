package simulation

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
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

// recordColumns are the columns that the simulation reads. The README of the record describes the others.
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
	plain, err := uncompressed(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	rows := csv.NewReader(plain)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("%s has no readable header line: %w", path, err)
	}
	at, err := findColumns(header, recordColumns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	result := &record{zone: zone}
	for line := 2; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read beyond line %d: %w; get the whole file again", path, line, err)
		}
		if err := result.add(row, at, from, to); err != nil {
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

// uncompressed recognises gzip by the first two bytes, so the name of the file does not matter.
func uncompressed(file io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(file, 1<<16)
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		plain, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("the gzip header is damaged: %w", err)
		}
		return plain, nil
	}
	return buffered, nil
}

func findColumns(header, wanted []string) (map[string]int, error) {
	at := make(map[string]int, len(wanted))
	var missing []string
	for _, name := range wanted {
		i := slices.Index(header, name)
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

// add adds a row if its day is in [from, to).
func (r *record) add(row []string, at map[string]int, from, to time.Time) error {
	booked, err := time.ParseInLocation(time.DateTime, row[at["ScheduledDay"]], r.zone)
	if err != nil {
		return fmt.Errorf("ScheduledDay %q is not like 2016-04-29 18:38:08", row[at["ScheduledDay"]])
	}
	date, err := time.Parse(time.DateOnly, row[at["AppointmentDay"]])
	if err != nil {
		return fmt.Errorf("AppointmentDay %q is not like 2016-04-29", row[at["AppointmentDay"]])
	}
	if err := errors.Join(domain.CheckInstant(booked), domain.CheckInstant(date)); err != nil {
		return err
	}
	day := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, r.zone)
	v := visit{
		id: strings.Clone(row[at["AppointmentID"]]), patient: strings.Clone(row[at["PatientId"]]),
		female: row[at["Gender"]] == "F", clinic: strings.Clone(row[at["Neighbourhood"]]),
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
