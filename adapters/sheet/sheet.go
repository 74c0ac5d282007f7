// Package sheet reads and writes appointments as CSV (RFC 4180): what other programs export, and what ours exports
// for them. A sheet may be packed with gzip, begin with a byte order mark, and separate its cells with commas,
// semicolons or tabs. It refuses to guess at what cannot be told from the text: a date whose order of day and month
// nobody named, a header in which two columns could be the phone number.
//
// A spreadsheet program runs a cell that begins with =, +, - or @ as a formula. Whatever is written here therefore
// has an apostrophe before such a beginning (OWASP, CSV injection), and whatever is read loses it again.
package sheet

import (
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain/appointment"
)

// Appointment is one row: an appointment with the names of all who take part, before any of them has an id of ours.
type Appointment struct {
	ID       string // in the system that the sheet comes from; "" where it has none
	Client   string
	Phone    string // as it stands in the sheet; E.164 in a sheet of ours
	Country  string // ISO 3166-1 alpha-2, where a phone number without a + is dialled
	Email    string
	Service  string
	Taken    []Taken // whom and what it takes, at least one where the sheet has a column for it
	Start    time.Time
	End      time.Time
	Zone     string // IANA
	Status   appointment.Status
	BookedAt time.Time // zero where the sheet does not say
}

// Taken is a resource by its name and how many of its units the appointment takes.
type Taken struct {
	Resource string
	Units    int
}

// formula are the beginnings that a spreadsheet program takes for a formula.
const formula = "=+-@\t\r"

// guard puts an apostrophe before what would run as a formula, and before what looks as if it had been given one
// already, so that unguard gives every text back.
func guard(cell string) string {
	if looksGuarded(cell) {
		return "'" + cell
	}
	return cell
}

// unguard takes the apostrophe away that guard put there.
func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && looksGuarded(cell) {
		return cell[1:]
	}
	return cell
}

func looksGuarded(cell string) bool {
	bare := strings.TrimLeft(cell, "'")
	return bare != "" && strings.IndexByte(formula, bare[0]) >= 0
}
