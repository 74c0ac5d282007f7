package projections

import (
	"context"
	"strconv"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/diary"
)

// Busy answers: what is taken of a resource, and when? It is the diaries side by side, so what it shows as free is
// what a booking finds free: requests not decided yet are taken too.
type Busy struct{ DB Reader }

// Hold is units of a resource taken for one revision of an appointment, buffers included.
type Hold struct {
	Resource    domain.ResourceID
	Interval    domain.Interval
	Units       int
	Appointment domain.AppointmentID
	Sequence    int
}

var busy = Projection{
	Name: "busy", Version: 1,
	Tables: []Table{{
		// An interval over a month's end stands in both months, as it does in both diaries.
		Name: "busy_v1",
		Columns: `resource BYTEA NOT NULL, month BIGINT NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
			appointment BYTEA NOT NULL, sequence BIGINT NOT NULL, units BIGINT NOT NULL`,
		Key: "resource, month, start_at, end_at, appointment, sequence",
	}},
	Types: types(diary.UnitsHeld{}, diary.UnitsReleased{}),
	Apply: each(learnBusy),
}

func learnBusy(s session, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case diary.UnitsHeld:
		return s.exec(`INSERT INTO busy_v1 (resource, month, start_at, end_at, appointment, sequence, units)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, key(e.Resource), month(r.Stream), micros(e.Interval.Start),
			micros(e.Interval.End), key(e.Appointment), e.Sequence, e.Units)
	case diary.UnitsReleased:
		return s.exec(`DELETE FROM busy_v1 WHERE resource = $1 AND month = $2 AND start_at = $3 AND end_at = $4
			AND appointment = $5 AND sequence = $6`, key(e.Resource), month(r.Stream), micros(e.Interval.Start),
			micros(e.Interval.End), key(e.Appointment), e.Sequence)
	}
	return nil
}

// month is the yyyymm at the end of a diary's name.
func month(stream domain.Stream) int {
	n, _ := strconv.Atoi(string(stream[max(0, len(stream)-6):]))
	return n
}

// Of is what is taken of a resource of the account in an interval, by start.
func (q Busy) Of(
	ctx context.Context, account domain.AccountID, id domain.ResourceID, during domain.Interval,
) ([]Hold, error) {
	return list(ctx, q.DB, readHold, `SELECT DISTINCT b.resource, b.start_at, b.end_at, b.appointment, b.sequence, b.units
		FROM busy_v1 b JOIN resources_v1 r ON r.resource = b.resource
		WHERE b.resource = $1 AND r.account = $2 AND b.month BETWEEN $3 AND $4 AND b.start_at < $6 AND b.end_at > $5
		ORDER BY b.start_at, b.end_at, b.appointment, b.sequence`,
		key(id), key(account), int(diary.MonthOf(during.Start)), int(diary.MonthOf(during.End)),
		micros(during.Start), micros(during.End))
}

func readHold(row Row) (h Hold, err error) {
	readID(&h.Resource, row, 0)
	h.Interval = domain.Interval{Start: moment(row.Int(1)), End: moment(row.Int(2))}
	readID(&h.Appointment, row, 3)
	h.Sequence, h.Units = int(row.Int(4)), int(row.Int(5))
	return h, nil
}
