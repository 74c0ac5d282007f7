// Package sheet reads and writes appointments as CSV (RFC 4180). It reads what other programs export: with commas,
// semicolons, tabs or bars, in UTF-8, UTF-16 or Windows-1252, packed with gzip or not, with the column names, status
// words and months of five languages. It does not guess: a date such as 03/04/2016 whose order of day and month was
// not given is an error, and so is a header with two columns for the phone number.
//
// A spreadsheet program runs a cell that begins with =, +, - or @ as a formula. Writer puts an apostrophe before such
// a cell (OWASP, CSV injection), and Reader removes it.
package sheet

import (
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain/appointment"
)

// Appointment is one row. It names the client, the service and the resources, which may have no ids yet.
type Appointment struct {
	ID       string // in the system that the sheet comes from, or ""
	Client   string
	Phone    string // as written in the sheet; E.164 in our own sheets
	Country  string // ISO 3166-1 alpha-2, for a phone number without a +
	Email    string
	Service  string
	Taken    []Taken // the resources it takes
	Start    time.Time
	End      time.Time
	Zone     string // IANA
	Status   appointment.Status
	BookedAt time.Time // zero if the sheet does not say
	Notes    []string

	Warnings []string // sentences about what the sheet does not say clearly, for the report
}

// Taken is a number of units of a resource.
type Taken struct {
	Resource string
	Units    int
}

// formula lists the characters with which a formula begins.
const formula = "=+-@\t\r"

// guard puts an apostrophe before a cell that would run as a formula. It also does so before a cell that looks
// guarded, so that unguard restores every cell.
func guard(cell string) string {
	if looksGuarded(cell) {
		return "'" + cell
	}
	return cell
}

// unguard removes the apostrophe that guard added. It also reads ="0171", with which other programs keep a
// spreadsheet from taking a number for one.
func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && looksGuarded(cell) {
		return cell[1:]
	}
	if inner, ok := strings.CutPrefix(cell, `="`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimSuffix(inner, `"`)
	}
	return cell
}

func looksGuarded(cell string) bool {
	bare := strings.TrimLeft(cell, "'")
	return bare != "" && strings.IndexByte(formula, bare[0]) >= 0
}
