package projections

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Taken is the time that an appointment takes, without names.
type Taken struct {
	domain.Interval
	Legs []appointment.Leg
}

// Taken returns the visits that take place, or are requested, during an interval, by start. It reads little of each, so
// that three months can be counted at once.
func (q Calendar) Taken(ctx context.Context, account domain.AccountID, during domain.Interval) ([]Taken, error) {
	read := func(row readmodel.Row) (t Taken, err error) {
		t.Interval = domain.Interval{Start: readmodel.Time(row.Int(0)), End: readmodel.Time(row.Int(1))}
		return t, readmodel.ReadJSON(&t.Legs, row, 2)
	}
	return readmodel.List(ctx, q.DB, read, `SELECT start_at, end_at, legs FROM calendar_v3
		WHERE account = $1 AND start_at >= $2 AND start_at < $3
			AND status IN ('pending', 'booked', 'arrived', 'fulfilled', 'noshow')
		ORDER BY start_at, appointment`, readmodel.Key(account), readmodel.Micros(during.Start),
		readmodel.Micros(during.End))
}
