package projections

import (
	"context"
	"math"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// CalendarPast holds the calendar as it was at any past instant. It keeps every version of each appointment, with the
// times at which the events that began and ended it were recorded. Names of clients and services are those of today,
// and erased ones are gone.
type CalendarPast struct{ DB readmodel.Reader }

// stillKnown is the end of a version that is in force.
const stillKnown = int64(math.MaxInt64)

var calendarPast = readmodel.Projection{
	Name: "calendar_past", Version: 1,
	Tables: []readmodel.Table{{
		Name: "calendar_past_v1",
		Columns: `appointment BYTEA NOT NULL, revision BIGINT NOT NULL, account BYTEA NOT NULL, client BYTEA NOT NULL,
			service BYTEA NOT NULL, status TEXT NOT NULL, outcome TEXT NOT NULL, start_at BIGINT NOT NULL,
			end_at BIGINT NOT NULL, local_start TEXT NOT NULL, zone TEXT NOT NULL, legs TEXT NOT NULL,
			sequence BIGINT NOT NULL, confirmed BIGINT NOT NULL, requested_at BIGINT NOT NULL,
			known_from BIGINT NOT NULL, known_until BIGINT NOT NULL`,
		Key:     "appointment, revision",
		Indexes: []string{"(account, start_at, appointment)"},
	}},
	Types: domain.NamesOf(appointment.Requested{}, appointment.Booked{}, appointment.Abandoned{}, appointment.Declined{},
		appointment.Rescheduled{}, appointment.Cancelled{}, appointment.Confirmed{}, appointment.Arrived{},
		appointment.Fulfilled{}, appointment.MarkedNoShow{}, appointment.MarkCleared{}, appointment.Reinstated{}),
	Apply: readmodel.ApplyEach(func(w readmodel.Writer, r domain.Recorded) error { return pastWriter{w, r}.apply() }),
}

// pastWriter applies one event.
type pastWriter struct {
	readmodel.Writer
	recorded domain.Recorded
}

func (w pastWriter) apply() error {
	switch e := w.recorded.Event.(type) {
	case appointment.Requested:
		return w.requested(e)
	case appointment.Booked:
		return w.decided(e.Appointment, appointment.StatusBooked, "")
	case appointment.Abandoned:
		return w.decided(e.Appointment, appointment.StatusEnteredInError, e.Reason)
	case appointment.Declined:
		return w.decided(e.Appointment, appointment.StatusCancelled, "declined")
	case appointment.Rescheduled:
		return w.moved(e)
	case appointment.Cancelled:
		return w.next(e.Appointment, nextCancelled, string(e.By), e.Sequence)
	case appointment.Reinstated:
		return w.next(e.Appointment, nextReinstated, e.Sequence)
	case appointment.Confirmed:
		return w.next(e.Appointment, nextConfirmed)
	case appointment.Arrived:
		return w.marked(e.Appointment, appointment.StatusArrived)
	case appointment.Fulfilled:
		return w.marked(e.Appointment, appointment.StatusFulfilled)
	case appointment.MarkedNoShow:
		return w.marked(e.Appointment, appointment.StatusNoShow)
	case appointment.MarkCleared:
		if e.Mark == "confirmed" {
			return w.next(e.Appointment, nextUnconfirmed)
		}
		return w.marked(e.Appointment, appointment.StatusBooked)
	default:
		return domain.Unexpected(w.recorded)
	}
}

// visitAsBefore are the columns of a visit that does not change.
const visitAsBefore = `start_at, end_at, local_start, zone, legs`

func (w pastWriter) at() int64 { return readmodel.Micros(w.recorded.Meta.RecordedAt) }

func (w pastWriter) requested(e appointment.Requested) error {
	return w.Exec(`INSERT INTO calendar_past_v1 (appointment, revision, account, client, service, status, outcome,
			start_at, end_at, local_start, zone, legs, sequence, confirmed, requested_at, known_from, known_until)
		VALUES ($1, $2, $3, $4, $5, 'pending', '', $6, $7, $8, $9, $10, 0, 0, $11, $12, $13)`,
		readmodel.Key(e.Appointment), int64(w.recorded.Revision), readmodel.Key(e.Account), readmodel.Key(e.Client),
		readmodel.Key(e.Service), readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End), e.Visit.Local,
		e.Visit.Zone, readmodel.JSON(e.Visit.Legs), readmodel.Micros(w.recorded.Meta.OccurredAt), w.at(), stillKnown)
}

func (w pastWriter) decided(id domain.AppointmentID, status appointment.Status, outcome string) error {
	return w.next(id, nextDecided, string(status), outcome)
}

func (w pastWriter) marked(id domain.AppointmentID, status appointment.Status) error {
	return w.next(id, nextMarked, string(status))
}

func (w pastWriter) moved(e appointment.Rescheduled) error {
	return w.next(e.Appointment, nextMoved, readmodel.Micros(e.Visit.Start), readmodel.Micros(e.Visit.End),
		e.Visit.Local, e.Visit.Zone, readmodel.JSON(e.Visit.Legs), e.Sequence,
		readmodel.Flag(e.Cause == appointment.ZoneRules))
}

// The statements that begin a version. Each gives the columns that change, with values from $4 on.
var (
	nextDecided = version(`CAST($4 AS TEXT), CAST($5 AS TEXT)`, visitAsBefore, `sequence, confirmed`)
	nextMarked  = version(`CAST($4 AS TEXT), outcome`, visitAsBefore, `sequence, confirmed`)
	nextMoved   = version(`status, outcome`, `CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS TEXT),
		CAST($7 AS TEXT), CAST($8 AS TEXT)`, `CAST($9 AS BIGINT), confirmed * CAST($10 AS BIGINT)`)
	nextCancelled   = version(`'cancelled', CAST($4 AS TEXT)`, visitAsBefore, `CAST($5 AS BIGINT), confirmed`)
	nextReinstated  = version(`'booked', ''`, visitAsBefore, `CAST($4 AS BIGINT), 0`)
	nextConfirmed   = version(`status, outcome`, visitAsBefore, `sequence, 1`)
	nextUnconfirmed = version(`status, outcome`, visitAsBefore, `sequence, 0`)
)

// version returns the statement that copies the version in force, with other columns. If the clock went back, a version
// begins no earlier than the one before it.
func version(status, visit, rest string) string {
	return `INSERT INTO calendar_past_v1 (appointment, revision, account, client, service, status, outcome,
			start_at, end_at, local_start, zone, legs, sequence, confirmed, requested_at, known_from, known_until)
		SELECT appointment, CAST($2 AS BIGINT), account, client, service, ` + status + `, ` + visit + `, ` + rest + `,
			requested_at, CASE WHEN known_from > $3 THEN known_from ELSE CAST($3 AS BIGINT) END, known_until
		FROM calendar_past_v1 WHERE appointment = $1 AND known_until = 9223372036854775807`
}

// next begins a version and ends the one in force.
func (w pastWriter) next(id domain.AppointmentID, begin string, args ...any) error {
	revision := int64(w.recorded.Revision)
	err := w.Exec(begin, append([]any{readmodel.Key(id), revision, w.at()}, args...)...)
	if err != nil {
		return err
	}
	return w.Exec(`UPDATE calendar_past_v1 SET known_until =
		CASE WHEN known_from > $3 THEN known_from ELSE CAST($3 AS BIGINT) END
		WHERE appointment = $1 AND revision < $2 AND known_until = 9223372036854775807`,
		readmodel.Key(id), revision, w.at())
}

// Find returns the account's appointments that match the selection, as they were known at an instant, by start. It
// does not filter by status or service.
func (q CalendarPast) Find(
	ctx context.Context, account domain.AccountID, at time.Time, in Selection,
) ([]Appointment, error) {
	var w readmodel.Where
	w.And(`a.account = ?`, readmodel.Key(account))
	w.And(`a.known_from <= ? AND a.known_until > ?`, readmodel.Micros(at), readmodel.Micros(at))
	w.And(`a.status <> 'entered-in-error'`)
	if !in.During.End.IsZero() {
		w.And(`a.start_at < ? AND a.end_at > ?`, readmodel.Micros(in.During.End), readmodel.Micros(in.During.Start))
		w.And(`a.start_at > ? - (SELECT coalesce(max(longest), 0) FROM calendar_longest_v3 WHERE account = ?)`,
			readmodel.Micros(in.During.Start), readmodel.Key(account))
	}
	for _, id := range in.Resources {
		w.And(`a.legs LIKE ?`, "%"+id.String()+"%")
	}
	if !in.Client.IsZero() {
		w.And(`a.client = ?`, readmodel.Key(in.Client))
	}
	if !in.After.IsZero() {
		w.And(`(a.start_at, a.appointment) > (?, ?)`, readmodel.Micros(in.After.At), in.After.ID[:])
	}
	w.Add(` ORDER BY a.start_at, a.appointment`)
	if in.Limit > 0 {
		w.Add(` LIMIT 0 + ?`, in.Limit)
	}
	return readmodel.List(ctx, q.DB, readAppointment, `SELECT a.appointment, a.account, a.client, a.service, a.status,
			a.outcome, '', a.start_at, a.end_at, a.local_start, a.zone, a.legs, a.sequence, a.confirmed, a.requested_at,
			a.revision, coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(s.name, ''), 'null', ''
		FROM calendar_past_v1 a LEFT JOIN clients_v3 c ON c.client = a.client
		LEFT JOIN services_v1 s ON s.service = a.service `+w.String(), w.Args...)
}
