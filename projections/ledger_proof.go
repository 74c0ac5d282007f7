package projections

import (
	"context"
	"time"

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

// BalanceAsOf returns what the account owned by the lines that were recorded up to an instant, and how many entries its
// ledger had. Granted credits count until their expiry is recorded.
func (q Ledger) BalanceAsOf(
	ctx context.Context, account domain.AccountID, at time.Time,
) (balance Balance, entries int, err error) {
	pockets := make(map[string]int64)
	for row, err := range q.DB.Query(ctx, `SELECT pocket, CAST(sum(amount) AS BIGINT), max(entry) FROM (
			SELECT target AS pocket, amount_micro AS amount, entry FROM ledger_v2 WHERE account = $1 AND recorded_at <= $2
			UNION ALL SELECT source, -amount_micro, entry FROM ledger_v2 WHERE account = $1 AND recorded_at <= $2
		) moved GROUP BY pocket ORDER BY pocket`, readmodel.Key(account), readmodel.Micros(at)) {
		if err != nil {
			return balance, 0, err
		}
		pockets[row.Text(0)], entries = row.Int(1), max(entries, int(row.Int(2)))
	}
	return Balance{
		Paid: pockets[credit.Paid.String()], Granted: pockets[credit.Granted.String()],
		HeldPaid: pockets[credit.HeldPaid.String()], HeldGranted: pockets[credit.HeldGranted.String()],
	}, entries, nil
}
