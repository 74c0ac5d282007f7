package projections

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Windows answers: when and where did texts cost nothing, who declared it, and what was it expected to cost? Refund
// windows belong to the installation.
type Windows struct{ DB readmodel.Reader }

// Window is the present state of a refund window. While it is proposed, DeclaredAt is when it was proposed.
type Window struct {
	ID         string
	Terms      window.Terms
	Proposed   bool            // not approved yet; without an end while the outage lasts
	Outage     domain.OutageID // that proposed it, if one did
	Revoked    bool
	Signed     window.Signed // by whom the last change was made
	DeclaredAt time.Time
	ChangedAt  time.Time
	Revision   domain.Revision
}

var windows = readmodel.Projection{
	Name: "windows", Version: 2,
	Tables: []readmodel.Table{{
		Name: "windows_v2",
		Columns: `refund_window TEXT NOT NULL, terms TEXT NOT NULL, proposed BIGINT NOT NULL, outage BYTEA NOT NULL,
			revoked BIGINT NOT NULL, signed TEXT NOT NULL, declared_at BIGINT NOT NULL,
			changed_at BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key: "refund_window",
	}},
	Types: domain.NamesOf(window.RefundWindowProposed{}, window.RefundWindowDeclared{}, window.RefundWindowAmended{},
		window.RefundWindowRevoked{}),
	Apply: readmodel.ApplyEach(applyWindow),
}

func applyWindow(w readmodel.Writer, r domain.Recorded) error {
	at, revision := readmodel.Micros(r.Meta.OccurredAt), int64(r.Revision)
	switch e := r.Event.(type) {
	case window.RefundWindowProposed:
		return w.Exec(`INSERT INTO windows_v2
			(refund_window, terms, proposed, outage, revoked, signed, declared_at, changed_at, revision)
			VALUES ($1, $2, 1, $3, 0, $4, $5, $5, $6) ON CONFLICT (refund_window) DO UPDATE SET terms = excluded.terms,
				changed_at = excluded.changed_at, revision = excluded.revision`,
			e.Window, readmodel.JSON(e.Terms), readmodel.Key(e.Outage), readmodel.JSON(window.Signed{}), at, revision)
	case window.RefundWindowDeclared:
		return w.Exec(`INSERT INTO windows_v2
			(refund_window, terms, proposed, outage, revoked, signed, declared_at, changed_at, revision)
			VALUES ($1, $2, 0, $3, 0, $4, $5, $5, $6) ON CONFLICT (refund_window) DO UPDATE SET terms = excluded.terms,
				proposed = 0, signed = excluded.signed, declared_at = excluded.declared_at,
				changed_at = excluded.changed_at, revision = excluded.revision`,
			e.Window, readmodel.JSON(e.Terms), readmodel.Key(domain.OutageID{}), readmodel.JSON(e.Signed), at, revision)
	case window.RefundWindowAmended:
		return w.Exec(`UPDATE windows_v2 SET terms = $2, signed = $3, changed_at = $4, revision = $5
			WHERE refund_window = $1`, e.Window, readmodel.JSON(e.Terms), readmodel.JSON(e.Signed), at, revision)
	case window.RefundWindowRevoked:
		return w.Exec(`UPDATE windows_v2 SET revoked = 1, signed = $2, changed_at = $3, revision = $4
			WHERE refund_window = $1`, e.Window, readmodel.JSON(e.Signed), at, revision)
	default:
		return domain.Unexpected(r)
	}
}

const windowColumns = `SELECT refund_window, terms, revoked, signed, declared_at, changed_at, revision, proposed, outage
	FROM windows_v2 `

func readWindow(row readmodel.Row) (w Window, err error) {
	w.ID, w.Revoked, w.Revision = row.Text(0), row.Int(2) != 0, domain.Revision(row.Int(6))
	w.DeclaredAt, w.ChangedAt = readmodel.Time(row.Int(4)), readmodel.Time(row.Int(5))
	w.Proposed = row.Int(7) != 0
	readmodel.ReadID(&w.Outage, row, 8)
	if err := readmodel.ReadJSON(&w.Terms, row, 1); err != nil {
		return w, err
	}
	return w, readmodel.ReadJSON(&w.Signed, row, 3)
}

// One returns a window. ok is false when there is none with that id.
func (q Windows) One(ctx context.Context, id string) (found Window, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readWindow, windowColumns+`WHERE refund_window = $1`, id)
}

// All returns all windows, proposed and revoked ones included, in the order in which they were proposed or declared.
func (q Windows) All(ctx context.Context) ([]Window, error) {
	return readmodel.List(ctx, q.DB, readWindow, windowColumns+`ORDER BY declared_at, refund_window`)
}

// Page returns the windows in the order of All, those after the cursor.
func (q Windows) Page(ctx context.Context, after WindowCursor, limit int) ([]Window, error) {
	var w readmodel.Where
	if !after.IsZero() {
		w.And(`(declared_at, refund_window) > (?, ?)`, readmodel.Micros(after.DeclaredAt), after.ID)
	}
	w.Add(` ORDER BY declared_at, refund_window LIMIT 0 + ?`, limit)
	return readmodel.List(ctx, q.DB, readWindow, windowColumns+w.String(), w.Args...)
}

// WindowCursor is the last window of a page. The next page starts after it. The zero WindowCursor starts the first
// page.
type WindowCursor struct {
	DeclaredAt time.Time
	ID         string
}

// Cursor returns the cursor of the page that starts after this window.
func (w Window) Cursor() WindowCursor { return WindowCursor{w.DeclaredAt, w.ID} }

// IsZero reports whether the cursor starts the first page.
func (c WindowCursor) IsZero() bool { return c == WindowCursor{} }

// MarshalText returns the time in microseconds and the id. Its error is always nil.
func (c WindowCursor) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d %s", readmodel.Micros(c.DeclaredAt), c.ID), nil
}

// UnmarshalText reads what MarshalText returned, or returns readmodel.ErrCursorMalformed.
func (c *WindowCursor) UnmarshalText(text []byte) error {
	at, id, ok := strings.Cut(string(text), " ")
	micros, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || id == "" {
		return readmodel.ErrCursorMalformed
	}
	*c = WindowCursor{readmodel.Time(micros), id}
	return nil
}
