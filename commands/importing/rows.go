package importing

import (
	"cmp"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/fold"
)

// The service and the resource of a sheet without a column for them.
const (
	defaultService  = "Appointment"
	defaultResource = "Calendar"
)

// Rows are the rows of a sheet, parsed.
type Rows interface {
	// Next returns the next row, and io.EOF after the last. After an error there are no more rows.
	Next() (Row, error)
}

// Row is one row of a sheet.
type Row struct {
	Line        int
	Cells       []string // as they are in the sheet, for the report of refused rows
	Appointment Appointment
	Refused     error    // the refusal of a row that cannot be parsed, which has no appointment
	Warnings    []string // about what the row does not say clearly
}

// Appointment is what a row says. People and things have names in it, and no ids yet.
type Appointment struct {
	ID                            string // in the program that the sheet comes from, or ""
	Client, Phone, Country, Email string
	Service                       string
	Taken                         []Taken
	Start, End                    time.Time
	Zone                          string // IANA
	Status                        appointment.Status
	BookedAt                      time.Time // zero if the row does not say
	Notes                         []string
}

// Taken is a resource by name, and how many of its units an appointment takes.
type Taken struct {
	Resource string
	Units    int
}

// job is one row and what has been found out about it.
type job struct {
	row     Row
	contact client.Contact
	guessed bool // the client is known by name alone
	id      domain.AppointmentID
	client  domain.ClientID
	service domain.ServiceID
	visit   appointment.Visit
	result  result
	err     error // a refusal or a fault
}

// result says what an import did with a row that it did not refuse.
type result int

const (
	known  result = iota // the appointment was there before
	marked               // it was there, and has a new status
	booked
)

// contact returns the client's contact data.
func (a Appointment) contact() (client.Contact, error) {
	return client.NewContact(client.Form{Name: a.Client, Phone: a.Phone, Country: a.Country, Email: a.Email})
}

// check fills in what the row implies and derives its ids. It refuses a row that cannot be true.
func (im *Importer) check(j *job) (err error) {
	row := &j.row.Appointment
	if j.contact, err = row.contact(); err != nil {
		return err
	}
	if row.Notes, err = checkNotes(row.Notes); err != nil {
		return err
	}
	if row.Service == "" {
		row.Service = defaultService
	}
	if len(row.Taken) == 0 {
		row.Taken = []Taken{{Resource: defaultResource, Units: 1}}
	}
	switch now := im.Engine.Now(); {
	case !row.BookedAt.IsZero() && row.BookedAt.After(now):
		return domain.Refuse(domain.Invalid, "booked_in_future", "the booking time is in the future; check it")
	case row.Status != appointment.StatusBooked && row.Status != appointment.StatusCancelled && row.Start.After(now):
		return appointment.ErrNotYet
	}
	im.clients.people.learn(j.contact)
	j.id = im.idOf(j)
	return im.checkRepeated(j)
}

// idOf returns the appointment's own id if it is one of ours, so that an exported sheet finds its appointments.
// Another program's id gives a derived one. Without an id, it derives from everything but the end and the status,
// which may change.
func (im *Importer) idOf(j *job) domain.AppointmentID {
	row := j.row.Appointment
	if id, err := domain.ParseID[domain.AppointmentID](row.ID); err == nil {
		return id
	}
	if row.ID != "" {
		return im.idFrom(row.ID)
	}
	texts := []string{
		"visit", nameOf(j.contact), cmp.Or(j.contact.Phone.Reveal(), strings.ToLower(j.contact.Email.Reveal())),
		fold.Identity(row.Service), stamp(row.Start), stamp(row.BookedAt),
	}
	for _, taken := range row.Taken {
		texts = append(texts, fold.Identity(taken.Resource))
	}
	return domain.DeriveID[domain.AppointmentID](im.account, "imported visit", im.fingerprint(texts...))
}

// idFrom returns the id of an appointment that has another one elsewhere.
func (im *Importer) idFrom(other string) domain.AppointmentID {
	return domain.DeriveID[domain.AppointmentID](im.account, "imported id", im.fingerprint("id", other))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// seenRow is the first row of a sheet about an appointment.
type seenRow struct {
	line   int
	status appointment.Status
}

// checkRepeated refuses a row that gives an appointment another status than an earlier row of the same sheet.
func (im *Importer) checkRepeated(j *job) error {
	status := j.row.Appointment.Status
	first, repeated := im.seen[j.id]
	if !repeated {
		im.seen[j.id] = seenRow{j.row.Line, status}
		return nil
	}
	if first.status == status {
		return nil
	}
	return domain.Refusef(domain.Disallowed, "row_contradicted",
		"line %d has the same appointment with the status %s; remove one of the two rows, or give each its own id",
		first.line, first.status)
}
