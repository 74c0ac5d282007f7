package projections

import (
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Outages answers: what went wrong with which provider, since when, how do we know, and what do operators force?
// Outages belong to the installation.
type Outages struct{ DB readmodel.Reader }

// Outage is the story of one outage.
type Outage struct {
	ID          domain.OutageID
	Cell        outage.Cell
	State       string // suspected, confirmed, cleared
	ChangePoint time.Time
	SuspectedAt time.Time // zero if it was confirmed at once
	DetectedAt  time.Time // zero if it was never confirmed
	ClearedAt   time.Time // zero while it lasts
	Cause       outage.Cause
	Evidence    outage.Evidence
	Window      string // the refund window that was proposed, if any
}

// CellOverride is what an operator forces a cell to be. It may have ended by itself.
type CellOverride struct {
	Cell   outage.Cell
	Mode   outage.Mode
	Reason string
	Until  time.Time
	At     time.Time
	By     string // the key
}

var outages = readmodel.Projection{
	Name: "outages", Version: 1,
	Tables: []readmodel.Table{{
		Name: "outages_v1",
		Columns: `outage BYTEA NOT NULL, provider TEXT NOT NULL, region TEXT NOT NULL, country TEXT NOT NULL,
			network TEXT NOT NULL, state TEXT NOT NULL, change_point BIGINT NOT NULL, suspected_at BIGINT NOT NULL,
			detected_at BIGINT NOT NULL, cleared_at BIGINT NOT NULL, cause TEXT NOT NULL, evidence TEXT NOT NULL,
			refund_window TEXT NOT NULL`,
		Key:     "outage",
		Indexes: []string{"(change_point, outage)"},
	}, {
		Name: "cell_overrides_v1",
		Columns: `provider TEXT NOT NULL, country TEXT NOT NULL, network TEXT NOT NULL, region TEXT NOT NULL,
			mode TEXT NOT NULL, reason TEXT NOT NULL, until BIGINT NOT NULL, since BIGINT NOT NULL, made_by TEXT NOT NULL`,
		Key: "provider, country, network, region",
	}},
	Types: domain.NamesOf(outage.OutageSuspected{}, outage.OutageDetected{}, outage.OutageCleared{},
		outage.CellOverridden{}, outage.CellOverrideEnded{}, window.RefundWindowProposed{}),
	Apply: readmodel.ApplyEach(applyOutage),
}

func applyOutage(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case outage.OutageSuspected:
		return recordOutage(w, e.ID, e.Cell, "suspected", "", e.ChangePoint, e.At, e.Evidence)
	case outage.OutageDetected:
		return recordOutage(w, e.ID, e.Cell, "confirmed", e.Cause, e.ChangePoint, e.At, e.Evidence)
	case outage.OutageCleared:
		return w.Exec(`UPDATE outages_v1 SET state = 'cleared', cleared_at = $2 WHERE outage = $1`,
			readmodel.Key(e.ID), readmodel.Micros(e.At))
	case outage.CellOverridden:
		c := placeOf(e.Cell)
		return w.Exec(`INSERT INTO cell_overrides_v1
			(provider, country, network, region, mode, reason, until, since, made_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (provider, country, network, region) DO UPDATE SET
				mode = excluded.mode, reason = excluded.reason, until = excluded.until, since = excluded.since,
				made_by = excluded.made_by`, c.Provider, c.Country, c.Network, c.Region, string(e.Mode), e.Reason,
			readmodel.Micros(e.Until), readmodel.Micros(e.At), r.Meta.Actor.ID)
	case outage.CellOverrideEnded:
		c := placeOf(e.Cell)
		return w.Exec(`DELETE FROM cell_overrides_v1
			WHERE provider = $1 AND country = $2 AND network = $3 AND region = $4`,
			c.Provider, c.Country, c.Network, c.Region)
	case window.RefundWindowProposed:
		return w.Exec(`UPDATE outages_v1 SET refund_window = $2 WHERE outage = $1`, readmodel.Key(e.Outage), e.Window)
	default:
		return domain.Unexpected(r)
	}
}

// placeOf returns a cell without what its smaller parts imply: the same cell is always the same key.
func placeOf(c outage.Cell) outage.Cell {
	if c.Country != "" {
		c.Region = ""
	}
	return c
}

// recordOutage records that an outage is suspected or confirmed. A cause that turns out to be another one keeps the
// time at which the outage was confirmed.
func recordOutage(
	w readmodel.Writer, id domain.OutageID, cell outage.Cell, state string, cause outage.Cause, change, at time.Time,
	evidence outage.Evidence,
) error {
	suspected, detected := at, time.Time{}
	if state == "confirmed" {
		suspected, detected = time.Time{}, at
	}
	return w.Exec(`INSERT INTO outages_v1 (outage, provider, region, country, network, state, change_point,
			suspected_at, detected_at, cleared_at, cause, evidence, refund_window)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, '')
		ON CONFLICT (outage) DO UPDATE SET state = excluded.state, change_point = excluded.change_point,
			detected_at = CASE WHEN outages_v1.detected_at = 0 THEN excluded.detected_at ELSE outages_v1.detected_at END,
			cause = excluded.cause, evidence = excluded.evidence`,
		readmodel.Key(id), cell.Provider, cell.Region, cell.Country, cell.Network, state, readmodel.Micros(change),
		readmodel.Micros(suspected), readmodel.Micros(detected), string(cause), readmodel.JSON(evidence))
}
