package projections

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// BalanceAt returns what the account owned after an entry of its ledger, as the sums of its lines. It returns false if
// the ledger is not at that entry, because it follows the log or is ahead of the caller.
func (q Ledger) BalanceAt(ctx context.Context, account domain.AccountID, entry int) (Balance, bool, error) {
	pockets, at := make(map[string]int64), 0
	// One statement, so that the sums and the last entry are of the same moment.
	for row, err := range q.DB.Query(ctx, `SELECT pocket, amount_micro,
			(SELECT max(entry) FROM ledger_v2 WHERE account = $1) FROM ledger_pockets_v2 WHERE account = $1`,
		readmodel.Key(account)) {
		if err != nil {
			return Balance{}, false, err
		}
		pockets[row.Text(0)], at = row.Int(1), int(row.Int(2))
	}
	return Balance{
		Paid: pockets[credit.Paid.String()], Granted: pockets[credit.Granted.String()],
		HeldPaid: pockets[credit.HeldPaid.String()], HeldGranted: pockets[credit.HeldGranted.String()],
	}, at == entry, nil
}
