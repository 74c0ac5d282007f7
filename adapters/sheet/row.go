package sheet

import (
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

const maxVisit = 31 * 24 * time.Hour

// Parse parses a row. Its errors are refusals that name the cell. It does not check the client's name, phone number
// and address: client.NewContact does.
func (c Columns) Parse(row Row, home Home) (Appointment, error) {
	a := Appointment{
		ID: c.cell(row, ID), Client: c.cell(row, ClientName), Phone: c.cell(row, Phone), Email: c.cell(row, Email),
		Country: or(strings.ToUpper(c.cell(row, Country)), home.Country), Service: c.cell(row, Service),
		Zone: or(c.cell(row, Zone), home.Zone),
	}
	if _, err := domain.ParseCountry(a.Country); err != nil {
		return a, err
	}
	zone, err := domain.ParseZone(a.Zone)
	if err != nil {
		return a, err
	}
	if a.Taken, err = parseTaken(c.cell(row, Resource), c.cell(row, Units)); err != nil {
		return a, err
	}
	if a.Status, err = ParseStatus(c.cell(row, Status)); err != nil {
		return a, err
	}
	clock := clock{zone, home.Dates}
	if a.Start, err = clock.read("the start", c.cell(row, Start)); err != nil {
		return a, err
	}
	if a.End, err = c.end(row, clock, a.Start); err != nil {
		return a, err
	}
	if booked := c.cell(row, BookedAt); booked != "" {
		if a.BookedAt, err = clock.read("when it was booked", booked); err != nil {
			return a, err
		}
	}
	return a, checkLength(a.Start, a.End)
}

func (c Columns) end(row Row, clock clock, start time.Time) (time.Time, error) {
	if end := c.cell(row, End); end != "" {
		return clock.read("the end", end)
	}
	length, err := ParseDuration(c.cell(row, Duration))
	return start.Add(length), err
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

// ParseDuration parses minutes (45) or hours and minutes (1:30, 1h30m).
func ParseDuration(text string) (time.Duration, error) {
	hours, minutes, colon := strings.Cut(text, ":")
	if colon {
		text = hours + "h" + minutes + "m"
	} else if _, err := strconv.Atoi(text); err == nil {
		text += "m"
	}
	length, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || length <= 0 || length > maxVisit {
		return 0, refuseCell("duration_malformed", "invalid duration %q: write minutes, as in 45, or 1:30",
			clip(text))
	}
	return length, nil
}

// statuses maps each FHIR status to the keys of the words that other programs use for it.
var statuses = map[appointment.Status]string{
	appointment.StatusBooked: "booked confirmed scheduled accepted active agendado agendada marcado marcada " +
		"confirmado confirmada",
	appointment.StatusArrived: "arrived checkedin waiting inprogress chegou presente ematendimento aguardando",
	appointment.StatusFulfilled: "fulfilled completed complete attended done finished realizado realizada atendido " +
		"atendida concluido concluida compareceu finalizado finalizada",
	appointment.StatusCancelled: "cancelled canceled cancelado cancelada desmarcado desmarcada",
	appointment.StatusNoShow:    "noshow missed absent didnotattend dna faltou falta naocompareceu ausente",
}

// ParseStatus parses the status of an appointment. An empty text means booked.
func ParseStatus(text string) (appointment.Status, error) {
	if text == "" {
		return appointment.StatusBooked, nil
	}
	word := fold.Key(text)
	for status, words := range statuses {
		for _, known := range strings.Fields(words) {
			if known == word {
				return status, nil
			}
		}
	}
	return "", refuseCell("status_unknown",
		"unknown status %q: write booked, arrived, fulfilled, cancelled or noshow", clip(text))
}

// parseTaken parses the resources "Ana; Room 2" with the units "1; 3". A semicolon or backslash in a name is escaped
// by a backslash.
func parseTaken(names, units string) ([]Taken, error) {
	if names == "" {
		return nil, nil
	}
	var taken []Taken
	for _, name := range split(names) {
		if name != "" {
			taken = append(taken, Taken{Resource: name, Units: 1})
		}
	}
	if units == "" {
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
