package projections

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Deliveries answers: how well do texts arrive, by account, provider, destination country and day? A receipt counts
// on the UTC day of its attempt, not on the day it comes, so the numbers of a day belong together. Messages without a
// provider (queued, suppressed) count on their own day, under the empty provider.
type Deliveries struct{ DB readmodel.Reader }

var deliveries = readmodel.Projection{
	Name: "deliveries", Version: 2,
	Tables: []readmodel.Table{{
		// One row per count: counting something new needs no new column.
		Name: "deliveries_v2",
		Columns: `account BYTEA NOT NULL, provider TEXT NOT NULL, country TEXT NOT NULL, day BIGINT NOT NULL,
			counted TEXT NOT NULL, n BIGINT NOT NULL`,
		Key:     "account, day, provider, country, counted",
		Indexes: []string{"(day)"},
	}, {
		// The attempts without a final receipt. A receipt needs the day and the time of its attempt.
		Name: "deliveries_open_v2",
		Columns: `message BYTEA NOT NULL, attempt BIGINT NOT NULL, account BYTEA NOT NULL, handed_at BIGINT NOT NULL,
			sent_at BIGINT NOT NULL, refused BIGINT NOT NULL`,
		Key: "message, attempt",
	}},
	Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{}, message.MessageSuppressed{},
		message.SmsAttempted{}, message.SmsSent{}, message.SmsAttemptFailed{}, message.SmsFailed{},
		message.DeliveryReported{}),
	Apply: applyDeliveries,
}

// The names of counts. Latencies have one count per bucket, named by its upper edge in seconds.
const (
	countQueued      = "queued"
	countSuppressed  = "suppressed"
	countAttempted   = "attempted"
	countRefused     = "refused" // by the provider, or without a result for too long
	countSent        = "sent"
	countDelivered   = "delivered"
	countUndelivered = "undelivered"
	countExpired     = "expired"
	countFailed      = "failed" // the message, which no provider accepted, on the last one tried
	countLatency     = "latency:"
)

// cell is the key of one count.
type cell struct {
	account           domain.AccountID
	day               int64 // when it starts, in UTC microseconds
	provider, country string
	counted           string
}

// tally sums the counts of a batch, so that each cell is written once.
type tally map[cell]int64

func applyDeliveries(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
	counts := make(tally)
	if err := readmodel.ApplyEach(counts.apply)(ctx, tx, events); err != nil {
		return err
	}
	return counts.write(readmodel.Writer{Ctx: ctx, Tx: tx})
}

func (t tally) apply(w readmodel.Writer, r domain.Recorded) error {
	at := readmodel.Micros(r.Meta.OccurredAt)
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		t.queued(e.Letter, at)
	case message.NoticeQueued:
		t.queued(e.Letter, at)
	case message.MessageSuppressed:
		if e.Channel == message.SMS {
			t[cell{account: e.Account, day: dayOf(at), country: e.Country, counted: countSuppressed}]++
		}
	case message.SmsAttempted:
		t[cell{r.Meta.Account, dayOf(readmodel.Micros(e.At)), e.Provider, e.Country, countAttempted}]++
		return w.Exec(`INSERT INTO deliveries_open_v2 (message, attempt, account, handed_at, sent_at, refused)
			VALUES ($1, $2, $3, $4, 0, 0)`, readmodel.Key(e.Message), e.Attempt, readmodel.Key(r.Meta.Account),
			readmodel.Micros(e.At))
	case message.SmsSent:
		return t.sent(w, e)
	case message.SmsAttemptFailed:
		return t.refused(w, e)
	case message.SmsFailed:
		if e.WasAccepted() {
			return nil // its receipt is counted already
		}
		t[cell{e.Account, dayOf(at), e.Provider, e.Country, countFailed}]++
	case message.DeliveryReported:
		return t.reported(w, e)
	default:
		return domain.Unexpected(r)
	}
	return nil
}

func (t tally) queued(l message.Letter, at int64) {
	if l.Channel == message.SMS {
		t[cell{account: l.Account, day: dayOf(at), country: l.Country, counted: countQueued}]++
	}
}

func (t tally) sent(w readmodel.Writer, e message.SmsSent) error {
	open, err := updateAttempt(w, `UPDATE deliveries_open_v2 SET sent_at = $3 WHERE message = $1 AND attempt = $2`,
		readmodel.Key(e.Message), e.Attempt, readmodel.Micros(e.SentAt))
	if err != nil {
		return err
	}
	day := dayOf(open.handedAt)
	t[cell{e.Account, day, e.Provider, e.Country, countSent}]++
	if open.refused { // the provider accepted it after all
		t[cell{e.Account, day, e.Provider, e.Country, countRefused}]--
	}
	return nil
}

func (t tally) refused(w readmodel.Writer, e message.SmsAttemptFailed) error {
	open, err := updateAttempt(w, `UPDATE deliveries_open_v2 SET refused = 1 WHERE message = $1 AND attempt = $2`,
		readmodel.Key(e.Message), e.Attempt)
	if err == nil {
		t[cell{open.account, dayOf(open.handedAt), e.Provider, e.Country, countRefused}]++
	}
	return err
}

func (t tally) reported(w readmodel.Writer, e message.DeliveryReported) error {
	if !e.Counted {
		return nil
	}
	open, err := updateAttempt(w, `DELETE FROM deliveries_open_v2 WHERE message = $1 AND attempt = $2`,
		readmodel.Key(e.Message), e.Attempt)
	if err != nil {
		return err
	}
	here := cell{e.Account, dayOf(open.handedAt), e.Provider, e.Country, e.State}
	t[here]++
	if e.State == countDelivered {
		here.counted = latency(time.Duration(readmodel.Micros(e.At)-open.sentAt) * time.Microsecond)
		t[here]++
	}
	return nil
}

func (t tally) write(w readmodel.Writer) error {
	cells := slices.SortedFunc(maps.Keys(t), func(a, b cell) int {
		return cmp.Or(slices.Compare(a.account.UUID[:], b.account.UUID[:]), cmp.Compare(a.day, b.day),
			strings.Compare(a.provider, b.provider), strings.Compare(a.country, b.country),
			strings.Compare(a.counted, b.counted))
	})
	for _, c := range cells {
		err := w.Exec(`INSERT INTO deliveries_v2 (account, provider, country, day, counted, n)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (account, day, provider, country, counted) DO UPDATE SET n = deliveries_v2.n + excluded.n`,
			readmodel.Key(c.account), c.provider, c.country, c.day, c.counted, t[c])
		if err != nil {
			return err
		}
	}
	return nil
}

// openAttempt is an attempt without a final receipt.
type openAttempt struct {
	account          domain.AccountID
	handedAt, sentAt int64
	refused          bool
}

// updateAttempt changes an open attempt and returns it. It returns an error when the attempt is not open.
func updateAttempt(w readmodel.Writer, change string, args ...any) (openAttempt, error) {
	found, ok, err := readmodel.One(w.Ctx, w.Tx, readOpenAttempt,
		change+` RETURNING account, handed_at, sent_at, refused`, args...)
	if err == nil && !ok {
		err = errors.New("the attempt was never started, or has ended")
	}
	return found, err
}

func readOpenAttempt(row readmodel.Row) (a openAttempt, err error) {
	readmodel.ReadID(&a.account, row, 0)
	a.handedAt, a.sentAt, a.refused = row.Int(1), row.Int(2), row.Int(3) != 0
	return a, nil
}

// dayOf returns when the UTC day of an instant starts, both in microseconds.
func dayOf(at int64) int64 {
	const long = int64(24 * time.Hour / time.Microsecond)
	return at - ((at%long)+long)%long
}
