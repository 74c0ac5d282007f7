package sheet

import (
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/fold"
)

// Field names what a column holds. It is the name of the flag that maps a column to it.
type Field string

// The fields. A sheet needs a client's name, a start, and an end or a duration; the others are optional.
const (
	ID         Field = "id"
	ClientName Field = "client-name"
	Phone      Field = "phone"
	Email      Field = "email"
	Service    Field = "service"
	Resource   Field = "resource"
	Units      Field = "units-taken"
	Start      Field = "start"
	End        Field = "end"
	Duration   Field = "duration"
	Status     Field = "status"
	BookedAt   Field = "booked-at"
	Zone       Field = "zone"
	Country    Field = "country"
)

// Known is a field with the names of its column in English and Portuguese.
type Known struct {
	Field Field
	What  string // how errors call it
	names string // as keys (fold.Key)
}

// Fields lists all fields in the order of the columns in our own sheets.
var Fields = []Known{
	{ID, "the appointment's id", "id uid appointmentid bookingid idagendamento codigo"},
	{ClientName, "the client's name", "clientname client name customername customer patientname patient fullname " +
		"cliente nomedocliente nomecliente nome paciente nomedopaciente nomepaciente"},
	{Phone, "the phone number", "phone phonenumber clientphone mobile mobilephone cell cellphone telephone tel " +
		"telefone celular fone whatsapp"},
	{Email, "the email address", "email emailaddress clientemail mail correioeletronico"},
	{Service, "the service", "service servicename treatment appointmenttype servico procedimento tipo tratamento"},
	{Resource, "the resource", "resource resourcename staff staffmember provider practitioner employee room location " +
		"with profissional atendente recurso sala medico"},
	{Units, "the units taken", "unitstaken units seats unidades vagas"},
	{Start, "the start", "start starttime startsat startat starts begin from appointmentstart datetime inicio " +
		"horainicio datainicio datahora datahorainicio"},
	{End, "the end", "end endtime endsat endat ends finish until appointmentend fim horafim datafim termino"},
	{Duration, "the duration", "duration durationmin durationminutes minutes length duracao minutos duracaomin"},
	{Status, "the status", "status state appointmentstatus situacao estado"},
	{BookedAt, "when it was booked", "bookedat bookedon booked created createdat createdon scheduledat scheduledday " +
		"agendadoem criadoem datadoagendamento marcadoem"},
	{Zone, "the time zone", "zone timezone tz tzid fuso fusohorario"},
	{Country, "the country", "country countrycode pais"},
}

// Columns maps fields to columns.
type Columns struct{ at map[Field]int } // from 0

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
					name, known.What, known.Field, strings.Join(header, ", "))
			}
		}
		switch {
		case len(found) > 1:
			return columns, refuseColumns("the columns %s and %s could both be %s; choose one with --%s",
				header[found[0]], header[found[1]], known.What, known.Field)
		case len(found) == 1:
			columns.at[known.Field] = found[0]
		}
	}
	return columns, columns.check(header)
}

// check returns an error that lists every required field without a column.
func (c Columns) check(header []string) error {
	var missing []string
	for _, known := range Fields {
		switch known.Field {
		case ClientName, Start:
			if !c.Has(known.Field) {
				missing = append(missing, known.What+" (--"+string(known.Field)+")")
			}
		case End:
			if !c.Has(End) && !c.Has(Duration) {
				missing = append(missing, "the end or the duration (--end or --duration)")
			}
		default: // may be absent
		}
	}
	if len(missing) > 0 {
		return refuseColumns("the header names no column for %s; it has %s",
			strings.Join(missing, ", for "), strings.Join(header, ", "))
	}
	return nil
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
