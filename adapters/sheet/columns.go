package sheet

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/fold"
)

// Field names what a column holds. It is the name of the flag that maps a column to it.
type Field string

// The fields. A sheet needs a client's name, a start, and an end or a duration; the others are optional. The name may
// be in two columns, and so may the date and the time of day.
const (
	ID         Field = "id"
	ClientName Field = "client-name"
	FirstName  Field = "first-name"
	LastName   Field = "last-name"
	Phone      Field = "phone"
	Email      Field = "email"
	Service    Field = "service"
	Resource   Field = "resource"
	Units      Field = "units-taken"
	Start      Field = "start"
	Date       Field = "date"
	Time       Field = "time"
	End        Field = "end"
	EndDate    Field = "end-date"
	EndTime    Field = "end-time"
	Duration   Field = "duration"
	Status     Field = "status"
	BookedAt   Field = "booked-at"
	Zone       Field = "zone"
	Country    Field = "country"
	Notes      Field = "notes"
)

// Columns maps fields to columns.
type Columns struct {
	at    map[Field]int // from 0
	notes []int         // every column with notes
}

// ErrColumns refuses a header that lacks a required field or has two columns for one.
var ErrColumns = domain.Refuse(domain.Invalid, "columns_missing",
	"the header of this sheet does not have the required columns")

// FindColumns maps the columns of a header to fields. Given maps fields to columns by name, or to "" for a field to
// ignore. FindColumns recognises the columns of the other fields by their names, regardless of case, spacing and
// accents.
func FindColumns(header []string, given map[Field]string) (Columns, error) {
	columns := Columns{at: make(map[Field]int)}
	for _, known := range Fields {
		name, named := given[known.Field]
		if named && name == "" {
			continue
		}
		found := known.in(header)
		if named {
			found = columnsNamed(header, name)
			if len(found) == 0 {
				return columns, refuseColumns("the header has no column %q for %s (--%s); it has %s",
					name, known.What, known.Field, list(header))
			}
		}
		switch {
		case known.Field == Notes:
			columns.notes = found
		case len(found) > 1 && header[found[0]] == header[found[1]]:
			return columns, refuseColumns("the header has two columns %s for %s; rename or remove one",
				header[found[0]], known.What)
		case len(found) > 1:
			return columns, refuseColumns("the columns %s and %s could both be %s; choose one with --%s",
				header[found[0]], header[found[1]], known.What, known.Field)
		case len(found) == 1:
			columns.at[known.Field] = found[0]
		}
	}
	columns.settle(Start, Date, Time)
	columns.settle(End, EndDate, EndTime)
	return columns, columns.check(header)
}

// settle reads date and time from one column if the sheet has a column for only one of them: a column "start time"
// usually holds the date as well. The end may have the date of the start.
func (c Columns) settle(whole, date, timeOfDay Field) {
	for _, pair := range [][2]Field{{date, timeOfDay}, {timeOfDay, date}} {
		if at, ok := c.at[pair[0]]; ok && !c.Has(whole) && !c.Has(pair[1]) {
			c.at[whole] = at
			delete(c.at, pair[0])
		}
	}
}

// check returns an error that lists every required field without a column.
func (c Columns) check(header []string) error {
	var missing []string
	if !c.Has(ClientName) && !c.Has(FirstName) && !c.Has(LastName) {
		missing = append(missing, "the client's name (--client-name)")
	}
	if !c.Has(Start) && !c.Has(Date) {
		missing = append(missing, "the start (--start)")
	}
	if !c.Has(End) && !c.Has(EndTime) && !c.Has(Duration) {
		missing = append(missing, "the end or the duration (--end or --duration)")
	}
	if len(missing) > 0 {
		return refuseColumns("the header names no column for %s; it has %s", strings.Join(missing, ", for "), list(header))
	}
	return nil
}

// list lists the columns of a header for an error.
func list(header []string) string {
	const enough = 40
	if len(header) > enough {
		return strings.Join(header[:enough], ", ") + ", …"
	}
	return strings.Join(header, ", ")
}

// Has reports whether the sheet has a column for a field.
func (c Columns) Has(field Field) bool {
	_, ok := c.at[field]
	return ok
}

// cell returns what a row holds of a field, or "" if the sheet has no column for it.
func (c Columns) cell(row Row, field Field) string {
	at, ok := c.at[field]
	if !ok || at >= len(row.Cells) {
		return ""
	}
	return row.Cells[at]
}

// filled is cell, but "" for what people write into a cell that they leave empty. It is not for names.
func (c Columns) filled(row Row, field Field) string {
	cell := c.cell(row, field)
	if isAbsent(cell) {
		return ""
	}
	return cell
}

// isAbsent reports whether a cell says that it is empty: "-", "n/a", "k. A.".
func isAbsent(cell string) bool {
	return strings.Trim(cell, "-–—_./?*# \u00a0") == "" || absentWords[fold.Key(cell)]
}

func (k Known) in(header []string) (found []int) {
	names := strings.Fields(k.names)
	for i, name := range header {
		if slices.Contains(names, fold.Key(name)) {
			found = append(found, i)
		}
	}
	return found
}

// columnsNamed finds the columns of exactly that name or, if there are none, the first with the same key.
func columnsNamed(header []string, name string) (found []int) {
	for i, other := range header {
		if other == name {
			found = append(found, i)
		}
	}
	for i, other := range header {
		if len(found) == 0 && fold.Key(other) == fold.Key(name) {
			return []int{i}
		}
	}
	return found
}

func refuseColumns(format string, args ...any) error {
	return domain.Refusef(ErrColumns.Reason, ErrColumns.Code, format, args...)
}
