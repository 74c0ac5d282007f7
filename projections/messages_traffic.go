package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// SentTo returns when providers accepted texts to a number since an instant, the newest first, up to limit of them.
func (q Messages) SentTo(ctx context.Context, number string, since time.Time, limit int) ([]time.Time, error) {
	return readmodel.List(ctx, q.DB, func(row readmodel.Row) (time.Time, error) {
		return readmodel.Time(row.Int(0)), nil
	}, `SELECT sent_at FROM messages_v5 WHERE address = $1 AND channel = 'sms' AND sent_at > 0 AND sent_at >= $2
		ORDER BY sent_at DESC LIMIT $3`, number, readmodel.Micros(since), limit)
}

// Spent returns what the texts of an account cost that providers accepted since an instant, in micro-credits.
func (q Messages) Spent(ctx context.Context, account domain.AccountID, since time.Time) (int64, error) {
	sums, err := readmodel.List(ctx, q.DB, func(row readmodel.Row) (int64, error) { return row.Int(0), nil },
		`SELECT CAST(COALESCE(SUM(price_micro), 0) AS BIGINT) FROM messages_v5
		WHERE account = $1 AND channel = 'sms' AND sent_at > 0 AND sent_at >= $2`,
		readmodel.Key(account), readmodel.Micros(since))
	if err != nil || len(sums) == 0 {
		return 0, err
	}
	return sums[0], nil
}

// Unreceipted returns the texts that a provider accepted since an instant and has not reported on, the earliest first.
func (q Messages) Unreceipted(ctx context.Context, provider string, since time.Time, limit int) ([]Message, error) {
	return readmodel.List(ctx, q.DB, readMessage, messageColumns+`WHERE m.provider = $1 AND m.channel = 'sms'
		AND m.status = 'sent' AND m.sent_at >= $2 ORDER BY m.sent_at, m.message LIMIT $3`,
		provider, readmodel.Micros(since), limit)
}
