package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// LostIn is a confirmed outage in which texts were lost.
type LostIn struct {
	outage.Cell
	ID      domain.OutageID
	Cause   outage.Cause
	Began   time.Time // the change point
	Found   time.Time
	Cleared time.Time // zero while it lasts
}

// takes reports whether a text that was given to a place at a time is one of the outage.
func (o LostIn) takes(place outage.Cell, at time.Time) bool {
	return o.Covers(place) && !at.Before(o.Began) && (o.Cleared.IsZero() || at.Before(o.Cleared))
}

// Outages returns the confirmed outages in which texts were lost, those that were found first. One whose receipts alone
// were lost is not among them.
func (q CallSheet) Outages(ctx context.Context) ([]LostIn, error) {
	read := func(row readmodel.Row) (o LostIn, err error) {
		readmodel.ReadID(&o.ID, row, 0)
		o.Cell = outage.Cell{Provider: row.Text(1), Region: row.Text(2), Country: row.Text(3), Network: row.Text(4)}
		o.Cause, o.Began, o.Found = outage.Cause(row.Text(5)), readmodel.Time(row.Int(6)), readmodel.Time(row.Int(7))
		o.Cleared = readmodel.Time(row.Int(8))
		return o, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT outage, provider, region, country, network, cause, change_point,
		detected_at, cleared_at FROM call_sheet_outages_v1 WHERE cause <> $1 ORDER BY detected_at, outage`,
		string(outage.ReceiptsOnly))
}

// Untold returns the accounts that may have rows of an outage of which nobody there was told, if they were told of
// others before. Not every account that it returns has one: the region of a text is not looked at.
func (q CallSheet) Untold(ctx context.Context, id domain.OutageID, before time.Time) ([]domain.AccountID, error) {
	return readmodel.List(ctx, q.DB, readAccountID, `SELECT DISTINCT m.account
		FROM call_sheet_outages_v1 o JOIN call_sheet_v1 m ON m.provider = o.provider AND m.open = 1
			AND m.handed_at >= o.change_point AND (o.cleared_at = 0 OR m.handed_at < o.cleared_at)
			AND (o.country = '' OR m.country = o.country) AND (o.network = '' OR m.network = o.network)
		LEFT JOIN alerts_told_v1 t ON t.account = m.account AND t.outage = o.outage AND t.about = 'outage' AND t.last = 1
		WHERE o.outage = $1 AND (t.told_at IS NULL OR t.told_at <= $2 AND m.since > t.through)
		ORDER BY m.account`, readmodel.Key(id), readmodel.Micros(before))
}

// NotTheEnd returns the accounts that were told of an outage and not of its end.
func (q CallSheet) NotTheEnd(ctx context.Context, id domain.OutageID) ([]domain.AccountID, error) {
	return readmodel.List(ctx, q.DB, readAccountID, `SELECT DISTINCT t.account FROM alerts_told_v1 t
		LEFT JOIN alerts_told_v1 e ON e.account = t.account AND e.outage = t.outage AND e.about = 'outage_over'
			AND e.last = 1
		WHERE t.outage = $1 AND t.about = 'outage' AND e.account IS NULL ORDER BY t.account`, readmodel.Key(id))
}

func readAccountID(row readmodel.Row) (id domain.AccountID, err error) {
	readmodel.ReadID(&id, row, 0)
	return id, nil
}
