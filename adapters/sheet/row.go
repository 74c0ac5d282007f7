package sheet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/fold"
)

// Home is the account's zone and country, for rows that have none, and the order of dates in the sheet.
type Home struct {
	Zone    string
	Country string
	Dates   Order
}

// Parse parses a row. Its errors are refusals that name the cell. It does not check the client's name, phone number
// and address: client.NewContact does.
func (c Columns) Parse(row Row, home Home) (Appointment, error) {
	a := Appointment{
		ID: c.filled(row, ID), Client: c.clientName(row), Email: c.filled(row, Email),
		Country: or(strings.ToUpper(c.filled(row, Country)), home.Country), Service: c.cell(row, Service),
		Zone: or(c.filled(row, Zone), home.Zone), Notes: c.readNotes(row),
	}
	a.Phone, a.Warnings = readPhone(c.cell(row, Phone))
	if _, err := domain.ParseCountry(a.Country); err != nil {
		return a, err
	}
	zone, err := domain.ParseZone(a.Zone)
	if err != nil {
		return a, err
	}
	if a.Taken, err = parseTaken(c.cell(row, Resource), c.filled(row, Units)); err != nil {
		return a, err
	}
	if a.Status, err = ParseStatus(c.filled(row, Status)); err != nil {
		return a, err
	}
	return a, c.readTimes(row, &clock{zone: zone, order: home.Dates}, &a)
}

// readTimes reads the start, the end and the booking time.
func (c Columns) readTimes(row Row, clock *clock, a *Appointment) (err error) {
	start := cells{c.cell(row, Start), c.cell(row, Date), c.cell(row, Time)}
	first, at, err := clock.read("the start", start, nil)
	if err != nil {
		return err
	}
	a.Start = at
	end := cells{c.filled(row, End), c.filled(row, EndDate), c.filled(row, EndTime)}
	if end == (cells{}) {
		length, err := ParseDuration(c.filled(row, Duration))
		if err != nil {
			return err
		}
		a.End = a.Start.Add(length)
	} else if _, a.End, err = clock.read("the end", end, &first); err != nil {
		return err
	}
	if booked := c.filled(row, BookedAt); booked != "" {
		if _, a.BookedAt, err = clock.read("when it was booked", cells{whole: booked}, nil); err != nil {
			return err
		}
	}
	a.Warnings = append(a.Warnings, clock.warnings...)
	return checkLength(a.Start, a.End)
}

func checkLength(start, end time.Time) error {
	switch {
	case !start.Before(end):
		return refuseCell("end_before_start", "the end is not after the start; give a later end")
	case end.Sub(start) > maxVisit:
		return refuseCell("visit_too_long", "the appointment is longer than 31 days; check its start and its end")
	}
	return nil
}

// clientName returns the whole name. Beside a column for the first name, a column "name" has the last, and the other
// way round, unless it has both.
func (c Columns) clientName(row Row) string {
	whole, first, last := c.cell(row, ClientName), c.cell(row, FirstName), c.cell(row, LastName)
	switch {
	case whole == "", c.Has(FirstName) && c.Has(LastName):
		return or(whole, strings.TrimSpace(first+" "+last))
	case first != "" && !strings.HasPrefix(whole, first+" ") && !strings.HasSuffix(whole, ", "+first):
		return first + " " + whole
	case last != "" && !strings.HasSuffix(whole, " "+last) && !strings.HasPrefix(whole, last+","):
		return whole + " " + last
	}
	return whole
}

var (
	shortened = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+?\d+$`)
	floating  = regexp.MustCompile(`^\+?\d{6,}[.,]0$`)
)

// readPhone returns a phone number, or "" with a warning if the cell does not have it any more.
func readPhone(cell string) (phone string, warnings []string) {
	switch text := plain(cell); {
	case cell == "":
		return "", nil
	case shortened.MatchString(text):
		return "", []string{fmt.Sprintf("the phone number %q was shortened by a spreadsheet and is lost; the appointment "+
			"has no phone number. Format the column as text, or add the number to the client", clip(cell))}
	case isAbsent(cell), strings.Trim(text, "0 #") == "":
		return "", []string{fmt.Sprintf("%q is not a phone number; the appointment has none", clip(cell))}
	case floating.MatchString(text):
		return text[:len(text)-len(".0")], nil
	}
	return cell, nil
}

// statusWords, absentWords, monthWords and weekdayWords are words.go by key.
var (
	statusWords  = statusesByWord()
	absentWords  = setOf(absent)
	weekdayWords = setOf(weekdays)
	monthWords   = numbered(months)
)

func statusesByWord() map[string]appointment.Status {
	byWord := make(map[string]appointment.Status)
	for status, words := range statuses {
		for word := range strings.FieldsSeq(words) {
			byWord[word] = status
		}
	}
	return byWord
}

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

func numbered(months [12]string) map[string]time.Month {
	byWord := make(map[string]time.Month)
	for i, words := range months {
		for word := range strings.FieldsSeq(words) {
			byWord[word] = time.Month(i + 1)
		}
	}
	return byWord
}

// ParseStatus parses the status of an appointment. An empty text means booked.
func ParseStatus(text string) (appointment.Status, error) {
	if text == "" {
		return appointment.StatusBooked, nil
	}
	if status, known := statusWords[fold.Key(text)]; known {
		return status, nil
	}
	return "", refuseCell("status_unknown",
		"unknown status %q: write booked, arrived, fulfilled, cancelled or noshow", clip(text))
}

// parseTaken parses the resources "Ana; Room 2" with the units "1; 3". A semicolon or backslash in a name is escaped
// by a backslash.
func parseTaken(names, units string) ([]Taken, error) {
	var taken []Taken
	for _, name := range split(names) {
		if name != "" {
			taken = append(taken, Taken{Resource: name, Units: 1})
		}
	}
	if units == "" || len(taken) == 0 {
		return taken, nil
	}
	counts := strings.Split(units, ";")
	for i := range taken {
		if len(counts) != len(taken) {
			return nil, refuseCell("units_malformed", "%d numbers of units for %d resources; write one for each",
				len(counts), len(taken))
		}
		n, err := strconv.Atoi(strings.TrimSpace(counts[i]))
		if err != nil || n < 1 {
			return nil, refuseCell("units_malformed", "invalid number of units %q: write 1 or more", clip(counts[i]))
		}
		taken[i].Units = n
	}
	return taken, nil
}

func split(names string) []string {
	var parts []string
	var name strings.Builder
	for i := 0; i < len(names); i++ {
		switch {
		case names[i] == '\\' && i+1 < len(names) && strings.IndexByte(`\;`, names[i+1]) >= 0:
			i++
			name.WriteByte(names[i])
		case names[i] == ';':
			parts = append(parts, strings.TrimSpace(name.String()))
			name.Reset()
		default:
			name.WriteByte(names[i])
		}
	}
	return append(parts, strings.TrimSpace(name.String()))
}

func refuseCell(code, format string, args ...any) error {
	return domain.Refusef(domain.Invalid, code, format, args...)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// clip shortens a cell for an error.
func clip(text string) string {
	if len(text) <= 60 {
		return text
	}
	return strings.ToValidUTF8(text[:60], "") + "…"
}
