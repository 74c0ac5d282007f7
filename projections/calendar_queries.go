package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Appointment is a row of the calendar, with the names of who comes and for what. The names of an erased client
// are empty.
type Appointment struct {
	ID             domain.AppointmentID
	Account        domain.AccountID
	Client         domain.ClientID
	Service        domain.ServiceID
	Status         appointment.Status
	Outcome        string // who cancelled, or why it came to nothing: client, staff, declined, slot_taken, …
	Words          string // the reason somebody gave for it
	Visit          appointment.Visit
	Sequence       int
	Confirmed      bool
	UndecidedUntil time.Time // while a request or move is not decided yet
	RequestedAt    time.Time
	Revision       domain.Revision

	ClientName   string
	ClientPhone  string
	ClientErased bool
	ServiceName  string
}

// Note is a remark of the staff about an appointment.
type Note struct {
	Words   string
	NotedAt time.Time
}

// Selection narrows a look into the calendar. What is zero or empty does not narrow.
type Selection struct {
	During    domain.Interval      // touched by the visit, or by a leg of the resources chosen
	Resources []domain.ResourceID  // any of them
	Statuses  []appointment.Status // any of them; none means all but what came to nothing
	Client    domain.ClientID
	Service   domain.ServiceID
	After     readmodel.Mark // the last one of the page before
	Limit     int            // 0 means no limit
}

const appointmentColumns = `SELECT a.appointment, a.account, a.client, a.service, a.status, a.outcome, a.words,
		a.start_at, a.end_at, a.local_start, a.zone, a.legs, a.sequence, a.confirmed, a.undecided_until,
		a.requested_at, a.revision, coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(c.erased, 0),
		coalesce(s.name, '')
	FROM calendar_v1 a LEFT JOIN clients_v1 c ON c.client = a.client LEFT JOIN services_v1 s ON s.service = a.service `

func readAppointment(row readmodel.Row) (a Appointment, err error) {
	readmodel.ReadID(&a.ID, row, 0)
	readmodel.ReadID(&a.Account, row, 1)
	readmodel.ReadID(&a.Client, row, 2)
	readmodel.ReadID(&a.Service, row, 3)
	a.Status, a.Outcome, a.Words = appointment.Status(row.Text(4)), row.Text(5), row.Text(6)
	a.Visit = appointment.Visit{
		Start: readmodel.Time(row.Int(7)), End: readmodel.Time(row.Int(8)), Local: row.Text(9), Zone: row.Text(10),
	}
	a.Sequence, a.Confirmed, a.UndecidedUntil = int(row.Int(12)), row.Int(13) != 0, readmodel.Time(row.Int(14))
	a.RequestedAt, a.Revision = readmodel.Time(row.Int(15)), domain.Revision(row.Int(16))
	a.ClientName, a.ClientPhone, a.ClientErased = row.Text(17), row.Text(18), row.Int(19) != 0
	a.ServiceName = row.Text(20)
	return a, readmodel.ReadJSON(&a.Visit.Legs, row, 11)
}

// Mark is where the page after this appointment begins.
func (a Appointment) Mark() readmodel.Mark { return readmodel.Mark{At: a.Visit.Start, ID: a.ID.UUID} }

// One is an appointment of the account, ok false when it has none of that id.
func (q Calendar) One(
	ctx context.Context, account domain.AccountID, id domain.AppointmentID,
) (found Appointment, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readAppointment, appointmentColumns+`WHERE a.appointment = $1 AND a.account = $2`, readmodel.Key(id),
		readmodel.Key(account))
}

// Find are the appointments of an account that the selection leaves, by start.
func (q Calendar) Find(ctx context.Context, account domain.AccountID, in Selection) ([]Appointment, error) {
	var w readmodel.Where
	w.And(`a.account = ?`, readmodel.Key(account))
	if !in.During.End.IsZero() {
		w.And(`a.start_at < ? AND a.end_at > ?`, readmodel.Micros(in.During.End), readmodel.Micros(in.During.Start))
		w.And(`a.start_at > ? - (SELECT coalesce(max(longest), 0) FROM calendar_longest_v1 WHERE account = ?)`,
			readmodel.Micros(in.During.Start), readmodel.Key(account))
	}
	if len(in.Resources) > 0 {
		q.stands(&w, account, in)
	}
	if len(in.Statuses) == 0 {
		w.And(`a.status <> 'entered-in-error'`)
	}
	readmodel.OneOf(&w, "a.status", in.Statuses, func(s appointment.Status) any { return string(s) })
	if !in.Client.IsZero() {
		w.And(`a.client = ?`, readmodel.Key(in.Client))
	}
	if !in.Service.IsZero() {
		w.And(`a.service = ?`, readmodel.Key(in.Service))
	}
	if !in.After.IsZero() {
		w.And(`(a.start_at, a.appointment) > (?, ?)`, readmodel.Micros(in.After.At), in.After.ID[:])
	}
	w.Add(` ORDER BY a.start_at, a.appointment`)
	if in.Limit > 0 {
		w.Add(` LIMIT 0 + ?`, in.Limit)
	}
	return readmodel.List(ctx, q.DB, readAppointment, appointmentColumns+w.String(), w.Args...)
}

// stands narrows to appointments with a leg of the chosen resources about then.
func (q Calendar) stands(w *readmodel.Where, account domain.AccountID, in Selection) {
	var legs readmodel.Where
	readmodel.OneOf(&legs, "resource", in.Resources, func(id domain.ResourceID) any { return readmodel.Key(id) })
	if !in.During.End.IsZero() {
		legs.And(`start_at < ? AND start_at > ? - (SELECT coalesce(max(longest), 0) FROM calendar_longest_v1
			WHERE account = ?)`, readmodel.Micros(in.During.End), readmodel.Micros(in.During.Start), readmodel.Key(account))
	}
	w.And(`a.appointment IN (SELECT appointment FROM calendar_legs_v1 `+legs.Template()+`)`, legs.Args...)
}

// History are a client's appointments, newest first; the next page comes after the last one of this.
func (q Calendar) History(
	ctx context.Context, account domain.AccountID, id domain.ClientID, after readmodel.Mark, limit int,
) ([]Appointment, error) {
	var w readmodel.Where
	w.And(`a.account = ? AND a.client = ? AND a.status <> 'entered-in-error'`, readmodel.Key(account), readmodel.Key(id))
	if !after.IsZero() {
		w.And(`(a.start_at, a.appointment) < (?, ?)`, readmodel.Micros(after.At), after.ID[:])
	}
	w.Add(` ORDER BY a.start_at DESC, a.appointment DESC LIMIT 0 + ?`, limit)
	return readmodel.List(ctx, q.DB, readAppointment, appointmentColumns+w.String(), w.Args...)
}

// Notes are the staff's remarks about an appointment of the account, oldest first.
func (q Calendar) Notes(ctx context.Context, account domain.AccountID, id domain.AppointmentID) ([]Note, error) {
	read := func(row readmodel.Row) (Note, error) { return Note{row.Text(0), readmodel.Time(row.Int(1))}, nil }
	return readmodel.List(ctx, q.DB, read, `SELECT n.words, n.noted_at
		FROM calendar_notes_v1 n JOIN calendar_v1 a ON a.appointment = n.appointment
		WHERE n.appointment = $1 AND a.account = $2 ORDER BY n.revision`, readmodel.Key(id), readmodel.Key(account))
}

// Tally counts an account's appointments by status.
func (q Calendar) Tally(ctx context.Context, account domain.AccountID) (map[appointment.Status]int, error) {
	counts := make(map[appointment.Status]int)
	for row, err := range q.DB.Query(ctx, `SELECT status, count(*) FROM calendar_v1 WHERE account = $1
		GROUP BY status ORDER BY status`, readmodel.Key(account)) {
		if err != nil {
			return nil, err
		}
		counts[appointment.Status(row.Text(0))] = int(row.Int(1))
	}
	return counts, nil
}
