package directory

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/optout"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// OptOuts answers: which of these phone numbers want no texts? It knows them by their keyed hashes only. A sender asks
// the streams instead, which are never late.
type OptOuts struct{ DB readmodel.Reader }

var optOuts = readmodel.Projection{
	Name: "opt_outs", Version: 1,
	Tables: []readmodel.Table{{
		Name: "opt_outs_v1", Columns: `number BYTEA NOT NULL, account BYTEA NOT NULL`, Key: "number",
	}},
	Types: domain.NamesOf(optout.NumberOptedOut{}, optout.NumberOptedIn{}),
	Apply: readmodel.ApplyEach(applyOptOut),
}

func applyOptOut(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case optout.NumberOptedOut:
		return w.Exec(`INSERT INTO opt_outs_v1 (number, account) VALUES ($1, $2)`, readmodel.Key(e.Number),
			readmodel.Key(e.Account))
	case optout.NumberOptedIn:
		return w.Exec(`DELETE FROM opt_outs_v1 WHERE number = $1`, readmodel.Key(e.Number))
	default:
		return domain.Unexpected(r)
	}
}

// Among returns which of the numbers are opted out of an account.
func (q OptOuts) Among(
	ctx context.Context, account domain.AccountID, numbers []domain.NumberID,
) (map[domain.NumberID]bool, error) {
	found := make(map[domain.NumberID]bool)
	if len(numbers) == 0 {
		return found, nil
	}
	var w readmodel.Where
	w.And(`account = ?`, readmodel.Key(account))
	readmodel.OneOf(&w, "number", numbers, func(id domain.NumberID) any { return readmodel.Key(id) })
	read := func(row readmodel.Row) (id domain.NumberID, err error) {
		readmodel.ReadID(&id, row, 0)
		return id, nil
	}
	list, err := readmodel.List(ctx, q.DB, read, `SELECT number FROM opt_outs_v1 `+w.String(), w.Args...)
	for _, id := range list {
		found[id] = true
	}
	return found, err
}
