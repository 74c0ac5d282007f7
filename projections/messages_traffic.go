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

// TrafficPart is the length of the parts of time by which Recent counts.
const TrafficPart = 15 * time.Minute

// Traffic is what became of the texts to a country in a part of a period.
type Traffic struct {
	Country                 string
	Part                    int           // from 0
	Sent, Delivered, Failed int           // of them
	Took                    time.Duration // from acceptance to delivery, of the delivered ones together
}

// Recent returns the texts since an instant by country and by parts of the time since then. A text counts when a
// provider accepted it, or when it failed without being accepted.
func (q Messages) Recent(ctx context.Context, since time.Time) ([]Traffic, error) {
	read := func(row readmodel.Row) (Traffic, error) {
		return Traffic{
			Country: row.Text(0), Part: int(row.Int(1)), Sent: int(row.Int(2)), Delivered: int(row.Int(3)),
			Failed: int(row.Int(4)), Took: time.Duration(row.Int(5)) * time.Microsecond,
		}, nil
	}
	return readmodel.List(ctx, q.DB, read, `SELECT country,
			(CASE WHEN sent_at > 0 THEN sent_at ELSE changed_at END - $1) / $2 AS part, COUNT(*),
			CAST(SUM(CASE WHEN status = 'delivered' THEN 1 ELSE 0 END) AS BIGINT),
			CAST(SUM(CASE WHEN status IN ('undelivered', 'expired', 'failed') THEN 1 ELSE 0 END) AS BIGINT),
			CAST(SUM(CASE WHEN status = 'delivered' THEN changed_at - sent_at ELSE 0 END) AS BIGINT)
		FROM messages_v5 WHERE channel = 'sms' AND queued_at >= $3
			AND (sent_at >= $1 OR sent_at = 0 AND status = 'failed' AND changed_at >= $1)
		GROUP BY country, part ORDER BY country, part`,
		readmodel.Micros(since), TrafficPart.Microseconds(), readmodel.Micros(since.Add(-queuedBefore)))
}

// WaitingFor returns how many texts wait in the queue, by country.
func (q Messages) WaitingFor(ctx context.Context) (map[string]int, error) {
	waiting := make(map[string]int)
	_, err := readmodel.List(ctx, q.DB, func(row readmodel.Row) (struct{}, error) {
		waiting[row.Text(0)] = int(row.Int(1))
		return struct{}{}, nil
	}, `SELECT country, COUNT(*) FROM messages_v5 WHERE status = 'queued' AND channel = 'sms' GROUP BY country`)
	return waiting, err
}
