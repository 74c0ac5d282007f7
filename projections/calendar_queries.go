package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Appointment is a row of the calendar, with the names of its client and service. The name and phone of an erased
// client are empty.
type Appointment struct {
	ID          domain.AppointmentID
	Account     domain.AccountID
	Client      domain.ClientID
	Service     domain.ServiceID
	Status      appointment.Status
	Outcome     string // who cancelled it, or why it was abandoned: client, staff, declined, slot_taken, …
	Reason      string // what a person gave as the reason
	Visit       appointment.Visit
	Sequence    int
	Confirmed   bool
	RequestedAt time.Time
	Revision    domain.Revision

	ClientName  string
	ClientPhone string
	ServiceName string

	Overridden     []string // rules that the staff overrode with the visit in force
	OverrideReason string
}

// Selection is a filter on the calendar. Zero and empty fields do not filter.
type Selection struct {
	During    domain.Interval      // overlaps the visit
	Resources []domain.ResourceID  // any of them
	Statuses  []appointment.Status // any of them; without any, all but abandoned requests
	Client    domain.ClientID
	Service   domain.ServiceID
	After     readmodel.Cursor // the last row of the previous page
	Limit     int              // 0 means no limit
}

const appointmentColumns = `SELECT a.appointment, a.account, a.client, a.service, a.status, a.outcome, a.reason,
		a.start_at, a.end_at, a.local_start, a.zone, a.legs, a.sequence, a.confirmed, a.requested_at,
		a.revision, coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(s.name, ''),
		coalesce(o.rules, 'null'), coalesce(o.reason, '')
	FROM calendar_v3 a LEFT JOIN calendar_overrides_v3 o ON o.appointment = a.appointment AND o.sequence = a.sequence
	LEFT JOIN clients_v3 c ON c.client = a.client
	LEFT JOIN services_v1 s ON s.service = a.service `

func readAppointment(row readmodel.Row) (a Appointment, err error) {
	readmodel.ReadID(&a.ID, row, 0)
	readmodel.ReadID(&a.Account, row, 1)
	readmodel.ReadID(&a.Client, row, 2)
	readmodel.ReadID(&a.Service, row, 3)
	a.Status, a.Outcome, a.Reason = appointment.Status(row.Text(4)), row.Text(5), row.Text(6)
	a.Visit = appointment.Visit{
		Start: readmodel.Time(row.Int(7)), End: readmodel.Time(row.Int(8)), Local: row.Text(9), Zone: row.Text(10),
	}
	a.Sequence, a.Confirmed = int(row.Int(12)), row.Int(13) != 0
	a.RequestedAt, a.Revision = readmodel.Time(row.Int(14)), domain.Revision(row.Int(15))
	a.ClientName, a.ClientPhone, a.ServiceName = row.Text(16), row.Text(17), row.Text(18)
	a.OverrideReason = row.Text(20)
	if err := readmodel.ReadJSON(&a.Overridden, row, 19); err != nil {
		return a, err
	}
	return a, readmodel.ReadJSON(&a.Visit.Legs, row, 11)
}

// Cursor returns the cursor of the page that starts after this appointment.
func (a Appointment) Cursor() readmodel.Cursor {
	return readmodel.Cursor{At: a.Visit.Start, ID: a.ID.UUID}
}

// One returns an appointment of the account. ok is false when the account has none with that id.
func (q Calendar) One(
	ctx context.Context, account domain.AccountID, id domain.AppointmentID,
) (found Appointment, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readAppointment, appointmentColumns+`WHERE a.appointment = $1 AND a.account = $2`,
		readmodel.Key(id), readmodel.Key(account))
}

// Find returns the account's appointments that match the selection, by start.
func (q Calendar) Find(ctx context.Context, account domain.AccountID, in Selection) ([]Appointment, error) {
	var w readmodel.Where
	w.And(`a.account = ?`, readmodel.Key(account))
	if !in.During.End.IsZero() {
		w.And(`a.start_at < ? AND a.end_at > ?`, readmodel.Micros(in.During.End), readmodel.Micros(in.During.Start))
		w.And(`a.start_at > ? - (SELECT coalesce(max(longest), 0) FROM calendar_longest_v3 WHERE account = ?)`,
			readmodel.Micros(in.During.Start), readmodel.Key(account))
	}
	if len(in.Resources) > 0 {
		withLegs(&w, account, in)
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

// Promise is what the client of a booked appointment was told.
type Promise struct {
	Appointment domain.AppointmentID
	Start       time.Time
	Local, Zone string
}

// Promises returns those of the account's booked appointments that start after now, by start.
func (q Calendar) Promises(ctx context.Context, account domain.AccountID, now time.Time) ([]Promise, error) {
	read := func(row readmodel.Row) (p Promise, err error) {
		readmodel.ReadID(&p.Appointment, row, 0)
		p.Start, p.Local, p.Zone = readmodel.Time(row.Int(1)), row.Text(2), row.Text(3)
		return p, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT appointment, start_at, local_start, zone FROM calendar_v3
		WHERE account = $1 AND start_at > $2 AND status = 'booked' ORDER BY start_at, appointment`,
		readmodel.Key(account), readmodel.Micros(now))
}

// withLegs adds the condition that an appointment has a leg of one of the selected resources that starts in the
// selected interval or shortly before it.
func withLegs(w *readmodel.Where, account domain.AccountID, in Selection) {
	var legs readmodel.Where
	readmodel.OneOf(&legs, "resource", in.Resources, func(id domain.ResourceID) any { return readmodel.Key(id) })
	if !in.During.End.IsZero() {
		legs.And(`start_at < ? AND start_at > ? - (SELECT coalesce(max(longest), 0) FROM calendar_longest_v3
			WHERE account = ?)`, readmodel.Micros(in.During.End), readmodel.Micros(in.During.Start), readmodel.Key(account))
	}
	w.And(`a.appointment IN (SELECT appointment FROM calendar_legs_v3 `+legs.Template()+`)`, legs.Args...)
}

// Tally counts the account's appointments by status.
func (q Calendar) Tally(ctx context.Context, account domain.AccountID) (map[appointment.Status]int, error) {
	counts := make(map[appointment.Status]int)
	for row, err := range q.DB.Query(ctx, `SELECT status, count(*) FROM calendar_v3 WHERE account = $1
		GROUP BY status ORDER BY status`, readmodel.Key(account)) {
		if err != nil {
			return nil, err
		}
		counts[appointment.Status(row.Text(0))] = int(row.Int(1))
	}
	return counts, nil
}
