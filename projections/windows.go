package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/window"
)

// Windows answers: when and where did texts cost nothing, who said so, and what was it to cost? Windows belong to
// the installation.
type Windows struct{ DB Reader }

// Window is a refund window as it stands now.
type Window struct {
	ID         string
	Terms      window.Terms
	Revoked    bool
	Signed     window.Signed // of the last change
	DeclaredAt time.Time
	ChangedAt  time.Time
	Revision   domain.Revision
}

var windows = Projection{
	Name: "windows", Version: 1,
	Tables: []Table{{
		Name: "windows_v1",
		Columns: `refund_window TEXT NOT NULL, terms TEXT NOT NULL, revoked BIGINT NOT NULL, signed TEXT NOT NULL,
			declared_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, revision BIGINT NOT NULL`,
		Key: "refund_window",
	}},
	Types: types(window.RefundWindowDeclared{}, window.RefundWindowAmended{}, window.RefundWindowRevoked{}),
	Apply: each(learnWindow),
}

func learnWindow(s session, r domain.Recorded) error {
	at, revision := micros(r.Meta.OccurredAt), int64(r.Revision)
	switch e := r.Event.(type) {
	case window.RefundWindowDeclared:
		return s.exec(`INSERT INTO windows_v1 (refund_window, terms, revoked, signed, declared_at, changed_at, revision)
			VALUES ($1, $2, 0, $3, $4, $4, $5)`, e.Window, text(e.Terms), text(e.Signed), at, revision)
	case window.RefundWindowAmended:
		return s.exec(`UPDATE windows_v1 SET terms = $2, signed = $3, changed_at = $4, revision = $5
			WHERE refund_window = $1`, e.Window, text(e.Terms), text(e.Signed), at, revision)
	case window.RefundWindowRevoked:
		return s.exec(`UPDATE windows_v1 SET revoked = 1, signed = $2, changed_at = $3, revision = $4
			WHERE refund_window = $1`, e.Window, text(e.Signed), at, revision)
	}
	return nil
}

const windowColumns = `SELECT refund_window, terms, revoked, signed, declared_at, changed_at, revision
	FROM windows_v1 `

func readWindow(row Row) (w Window, err error) {
	w.ID, w.Revoked, w.Revision = row.Text(0), row.Int(2) != 0, domain.Revision(row.Int(6))
	w.DeclaredAt, w.ChangedAt = moment(row.Int(4)), moment(row.Int(5))
	if err := readJSON(&w.Terms, row, 1); err != nil {
		return w, err
	}
	return w, readJSON(&w.Signed, row, 3)
}

// One is the window of an id, ok false when there is none.
func (q Windows) One(ctx context.Context, id string) (found Window, ok bool, err error) {
	return one(ctx, q.DB, readWindow, windowColumns+`WHERE refund_window = $1`, id)
}

// All are the windows in the order they were declared, revoked ones too.
func (q Windows) All(ctx context.Context) ([]Window, error) {
	return list(ctx, q.DB, readWindow, windowColumns+`ORDER BY declared_at, refund_window`)
}
