package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// OutageFilter selects outages. Empty fields select all.
type OutageFilter struct {
	Provider string
	State    string          // suspected, confirmed, cleared
	During   domain.Interval // that an outage overlaps, from its change point to its end; a zero bound is open
}

const outageColumns = `SELECT outage, provider, region, country, network, state, change_point, suspected_at,
	detected_at, cleared_at, cause, evidence, refund_window FROM outages_v1 `

func readOutage(row readmodel.Row) (o Outage, err error) {
	readmodel.ReadID(&o.ID, row, 0)
	o.Cell = outage.Cell{Provider: row.Text(1), Region: row.Text(2), Country: row.Text(3), Network: row.Text(4)}
	o.State, o.ChangePoint, o.SuspectedAt = row.Text(5), readmodel.Time(row.Int(6)), readmodel.Time(row.Int(7))
	o.DetectedAt, o.ClearedAt = readmodel.Time(row.Int(8)), readmodel.Time(row.Int(9))
	o.Cause, o.Window = outage.Cause(row.Text(10)), row.Text(12)
	return o, readmodel.ReadJSON(&o.Evidence, row, 11)
}

// One returns an outage. ok is false if there is none with that id.
func (q Outages) One(ctx context.Context, id domain.OutageID) (found Outage, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readOutage, outageColumns+`WHERE outage = $1`, readmodel.Key(id))
}

// Page returns the outages that began last first, those after the cursor.
func (q Outages) Page(
	ctx context.Context, filter OutageFilter, after readmodel.Cursor, limit int,
) ([]Outage, error) {
	var w readmodel.Where
	filter.limit(&w)
	if !after.IsZero() {
		w.And(`(change_point, outage) < (?, ?)`, readmodel.Micros(after.At), after.ID[:])
	}
	w.Add(` ORDER BY change_point DESC, outage DESC LIMIT 0 + ?`, limit)
	return readmodel.List(ctx, q.DB, readOutage, outageColumns+w.String(), w.Args...)
}

func (f OutageFilter) limit(w *readmodel.Where) {
	if f.Provider != "" {
		w.And(`provider = ?`, f.Provider)
	}
	if f.State != "" {
		w.And(`state = ?`, f.State)
	}
	if !f.During.End.IsZero() {
		w.And(`change_point < ?`, readmodel.Micros(f.During.End))
	}
	if !f.During.Start.IsZero() {
		w.And(`(cleared_at = 0 OR cleared_at > ?)`, readmodel.Micros(f.During.Start))
	}
}

// Cursor returns the cursor of the page that starts after this outage.
func (o Outage) Cursor() readmodel.Cursor { return readmodel.Cursor{At: o.ChangePoint, ID: o.ID.UUID} }

// Affected returns how many texts the provider accepted in the cell during the outage that have not arrived. The
// network of a text without a receipt is not known: for the cell of a network, it counts the texts to its country.
func (q Outages) Affected(ctx context.Context, of Outage) (int, error) {
	var w readmodel.Where
	w.And(`channel = 'sms'`)
	w.And(`provider = ?`, of.Cell.Provider)
	w.And(`accepted > 0`)
	w.And(`status <> 'delivered'`)
	w.And(`queued_at >= ?`, readmodel.Micros(of.ChangePoint.Add(-queuedBefore)))
	w.And(`sent_at >= ?`, readmodel.Micros(of.ChangePoint))
	if !of.ClearedAt.IsZero() {
		w.And(`sent_at < ?`, readmodel.Micros(of.ClearedAt))
	}
	switch {
	case of.Cell.Country != "":
		w.And(`country = ?`, of.Cell.Country)
	case of.Cell.Region != "":
		readmodel.OneOf(&w, "country", outagedetect.Countries(of.Cell.Region), readmodel.Text)
	}
	count, _, err := readmodel.One(ctx, q.DB, func(row readmodel.Row) (int64, error) { return row.Int(0), nil },
		`SELECT COUNT(*) FROM messages_v5 `+w.String(), w.Args...)
	return int(count), err
}

// queuedBefore is how long before it is sent a text is queued at most, so that an index finds the texts of a period.
const queuedBefore = 48 * time.Hour

// Overrides returns what operators force at a time, by cell.
func (q Outages) Overrides(ctx context.Context, at time.Time) ([]CellOverride, error) {
	return readmodel.List(ctx, q.DB, readOverride, `SELECT provider, region, country, network, mode, reason, until, since,
		made_by FROM cell_overrides_v1 WHERE until > $1 ORDER BY provider, region, country, network`, readmodel.Micros(at))
}

func readOverride(row readmodel.Row) (o CellOverride, err error) {
	return CellOverride{
		Cell: outage.Cell{Provider: row.Text(0), Region: row.Text(1), Country: row.Text(2), Network: row.Text(3)},
		Mode: outage.Mode(row.Text(4)), Reason: row.Text(5), Until: readmodel.Time(row.Int(6)),
		At: readmodel.Time(row.Int(7)), By: row.Text(8),
	}, nil
}
