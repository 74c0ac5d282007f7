package projections

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Work answers: which booked appointments must the staff look at, and why? One row is one reason. A row goes when the
// reason is settled, or when the appointment is moved, cancelled or marked. Rows of appointments that are over remain,
// and are not shown.
type Work struct{ DB readmodel.Reader }

// WorkItem is an appointment that needs attention.
type WorkItem struct {
	Appointment domain.AppointmentID
	Client      domain.ClientID
	ClientName  string // "" if erased
	Service     domain.ServiceID
	ServiceName string
	Start, End  time.Time // as held
	Local, Zone string    // as promised
	Reasons     []WorkReason
}

// WorkReason is one reason why an appointment needs attention.
type WorkReason struct {
	Reason string
	Source uuid.UUID // what changed: a block, a resource, a service or a client; zero for zone_rules
	Since  time.Time
}

var work = readmodel.Projection{
	Name: "work", Version: 1,
	Tables: []readmodel.Table{{
		Name: "work_v1",
		Columns: `appointment BYTEA NOT NULL, reason TEXT NOT NULL, source BYTEA NOT NULL, account BYTEA NOT NULL,
			client BYTEA NOT NULL, service BYTEA NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
			local_start TEXT NOT NULL, zone TEXT NOT NULL, since BIGINT NOT NULL`,
		Key:     "appointment, reason, source",
		Indexes: []string{"(account, end_at)"},
	}},
	Types: domain.NamesOf(appointment.AttentionNeeded{}, appointment.AttentionSettled{}, appointment.Rescheduled{},
		appointment.Cancelled{}, appointment.Arrived{}, appointment.Fulfilled{}, appointment.MarkedNoShow{}),
	Apply: readmodel.ApplyEach(applyWork),
}

func applyWork(w readmodel.Writer, r domain.Recorded) error {
	done := func(id domain.AppointmentID) error {
		return w.Exec(`DELETE FROM work_v1 WHERE appointment = $1`, readmodel.Key(id))
	}
	switch e := r.Event.(type) {
	case appointment.AttentionNeeded:
		return w.Exec(`INSERT INTO work_v1 (appointment, reason, source, account, client, service, start_at, end_at,
			local_start, zone, since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (appointment, reason, source) DO NOTHING`,
			readmodel.Key(e.Appointment), e.Reason, e.Source[:], readmodel.Key(e.Account), readmodel.Key(e.Client),
			readmodel.Key(e.Service), readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End), e.Visit.Local,
			e.Visit.Zone, readmodel.Micros(r.Meta.OccurredAt))
	case appointment.AttentionSettled:
		return w.Exec(`DELETE FROM work_v1 WHERE appointment = $1 AND reason = $2 AND source = $3`,
			readmodel.Key(e.Appointment), e.Reason, e.Source[:])
	case appointment.Rescheduled:
		if e.Cause != appointment.ZoneRules {
			return done(e.Appointment)
		}
		err := w.Exec(`DELETE FROM work_v1 WHERE appointment = $1 AND reason = $2`, readmodel.Key(e.Appointment),
			appointment.ZoneRules)
		if err != nil {
			return err
		}
		return w.Exec(`UPDATE work_v1 SET start_at = $2, end_at = $3 WHERE appointment = $1`,
			readmodel.Key(e.Appointment), readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End))
	case appointment.Cancelled:
		return done(e.Appointment)
	case appointment.Arrived:
		return done(e.Appointment)
	case appointment.Fulfilled:
		return done(e.Appointment)
	case appointment.MarkedNoShow:
		return done(e.Appointment)
	default:
		return domain.Unexpected(r)
	}
}

// Open returns the appointments of the account that need attention and have not ended at now, by start, those after the
// cursor. An empty reason means any.
func (q Work) Open(
	ctx context.Context, account domain.AccountID, now time.Time, reason string, after readmodel.Cursor, limit int,
) ([]WorkItem, error) {
	var w readmodel.Where
	w.And(`account = ? AND end_at > ?`, readmodel.Key(account), readmodel.Micros(now))
	if reason != "" {
		w.And(`reason = ?`, reason)
	}
	if !after.IsZero() {
		w.And(`(start_at, appointment) > (?, ?)`, readmodel.Micros(after.At), after.ID[:])
	}
	w.Add(` ORDER BY start_at, appointment LIMIT 0 + ?`, limit)
	read := func(row readmodel.Row) (id domain.AppointmentID, err error) {
		readmodel.ReadID(&id, row, 0)
		return id, nil
	}
	page, err := readmodel.List(ctx, q.DB, read, `SELECT DISTINCT appointment, start_at FROM work_v1 `+w.String(),
		w.Args...)
	if err != nil {
		return nil, err
	}
	return q.Of(ctx, account, page)
}

// Of returns those of some appointments of the account that need attention, by start.
func (q Work) Of(
	ctx context.Context, account domain.AccountID, appointments []domain.AppointmentID,
) ([]WorkItem, error) {
	if len(appointments) == 0 {
		return nil, nil
	}
	var w readmodel.Where
	w.And(`w.account = ?`, readmodel.Key(account))
	readmodel.OneOf(&w, "w.appointment", appointments, func(id domain.AppointmentID) any { return readmodel.Key(id) })
	w.Add(` ORDER BY w.start_at, w.appointment, w.reason, w.source`)
	rows, err := readmodel.List(ctx, q.DB, readWork, `SELECT w.appointment, w.reason, w.source, w.since, w.client,
			coalesce(c.name, ''), w.service, coalesce(s.name, ''), w.start_at, w.end_at, w.local_start, w.zone
		FROM work_v1 w LEFT JOIN clients_v3 c ON c.client = w.client LEFT JOIN services_v1 s ON s.service = w.service `+
		w.String(), w.Args...)
	var items []WorkItem
	for _, row := range rows {
		if n := len(items); n > 0 && items[n-1].Appointment == row.Appointment {
			items[n-1].Reasons = append(items[n-1].Reasons, row.Reasons...)
		} else {
			items = append(items, row)
		}
	}
	return items, err
}

// Count returns how many appointments of the account need attention at now, and how many for each reason.
func (q Work) Count(
	ctx context.Context, account domain.AccountID, now time.Time,
) (total int, byReason map[string]int, err error) {
	read := func(row readmodel.Row) (int, error) { return int(row.Int(0)), nil }
	total, _, err = readmodel.One(ctx, q.DB, read, `SELECT count(DISTINCT appointment) FROM work_v1
		WHERE account = $1 AND end_at > $2`, readmodel.Key(account), readmodel.Micros(now))
	if err != nil {
		return 0, nil, err
	}
	byReason = make(map[string]int)
	for row, err := range q.DB.Query(ctx, `SELECT reason, count(DISTINCT appointment) FROM work_v1
		WHERE account = $1 AND end_at > $2 GROUP BY reason ORDER BY reason`, readmodel.Key(account),
		readmodel.Micros(now)) {
		if err != nil {
			return 0, nil, err
		}
		byReason[row.Text(0)] = int(row.Int(1))
	}
	return total, byReason, nil
}

// Cursor returns the cursor of the page that starts after this item.
func (i WorkItem) Cursor() readmodel.Cursor {
	return readmodel.Cursor{At: i.Start, ID: i.Appointment.UUID}
}

// readWork reads an item with one reason.
func readWork(row readmodel.Row) (i WorkItem, err error) {
	readmodel.ReadID(&i.Appointment, row, 0)
	reason := WorkReason{Reason: row.Text(1), Since: readmodel.Time(row.Int(3))}
	copy(reason.Source[:], row.Bytes(2))
	i.Reasons = []WorkReason{reason}
	readmodel.ReadID(&i.Client, row, 4)
	readmodel.ReadID(&i.Service, row, 6)
	i.ClientName, i.ServiceName = row.Text(5), row.Text(7)
	i.Start, i.End = readmodel.Time(row.Int(8)), readmodel.Time(row.Int(9))
	i.Local, i.Zone = row.Text(10), row.Text(11)
	return i, nil
}
