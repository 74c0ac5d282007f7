package projections

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Line is one line of an account's ledger, or a remark that moves nothing (Amount 0, From and To empty). Pockets have
// short names: paid, granted, held:paid and held:granted are the account's, the others the system's.
type Line struct {
	Entry       int    // number of the event in the account's ledger, from 1
	Place       int    // number of the line within the event, from 0
	Kind        string // purchase, grant, hold, release, capture, refund, reversal, expire, or a remark's
	Tx          string // unique: capture|M1, refund|M1|2; empty for a remark
	From, To    string
	Amount      int64 // micro-credits
	EffectiveAt time.Time
	RecordedAt  time.Time
	Message     string
	Reason      string
	Windows     []string // that made it free
	Lot         string
	Cause       string // id of the event that caused it
	Price       Price  // of the message; zero if the line is about none
}

// Price is what the price of a text consists of. It was fixed when the text was queued.
type Price struct {
	Country   string // of the destination
	Segments  int
	UnitPrice int64 // micro-credits a segment
	PriceList int   // version of the list
}

// LineFilter is a filter on the ledger. Zero and empty fields do not filter.
type LineFilter struct {
	Kinds     []string
	Message   string
	Effective domain.Interval
	Recorded  domain.Interval
	After     LineCursor // the last row of the previous page
	Limit     int
}

// LineCursor is the last line of a page of an account's ledger. The next page starts after it. The zero LineCursor
// starts the first page.
type LineCursor struct {
	Entry int
	Place int
}

// Cursor returns the cursor of the page that starts after this line.
func (l Line) Cursor() LineCursor { return LineCursor{l.Entry, l.Place} }

// IsZero reports whether the cursor starts the first page.
func (c LineCursor) IsZero() bool { return c == LineCursor{} }

// MarshalText returns two numbers with a dash between them. Its error is always nil.
func (c LineCursor) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d-%d", c.Entry, c.Place), nil
}

// UnmarshalText reads what MarshalText returned, or returns readmodel.ErrCursorMalformed.
func (c *LineCursor) UnmarshalText(text []byte) error {
	var read LineCursor
	if _, err := fmt.Sscanf(string(text), "%d-%d", &read.Entry, &read.Place); err != nil ||
		fmt.Sprintf("%d-%d", read.Entry, read.Place) != string(text) {
		return readmodel.ErrCursorMalformed
	}
	*c = read
	return nil
}

const lineColumns = `SELECT entry, place, kind, tx, source, target, amount_micro, effective_at, recorded_at, l.message,
	reason, windows, lot, cause, COALESCE(country, ''), COALESCE(segments, 0), COALESCE(unit_price_micro, 0),
	COALESCE(price_list, 0) FROM ledger_v2 l LEFT JOIN ledger_prices_v2 p ON p.message = l.message `

func readLine(row readmodel.Row) (Line, error) {
	return Line{
		Entry: int(row.Int(0)), Place: int(row.Int(1)), Kind: row.Text(2), Tx: row.Text(3),
		From: row.Text(4), To: row.Text(5), Amount: row.Int(6), EffectiveAt: readmodel.Time(row.Int(7)),
		RecordedAt: readmodel.Time(row.Int(8)), Message: row.Text(9), Reason: row.Text(10),
		Windows: strings.Fields(row.Text(11)), Lot: row.Text(12), Cause: row.Text(13),
		Price: Price{row.Text(14), int(row.Int(15)), row.Int(16), int(row.Int(17))},
	}, nil
}

// Find returns the account's lines that match the filter, newest first.
func (q Ledger) Find(ctx context.Context, account domain.AccountID, in LineFilter) ([]Line, error) {
	var w readmodel.Where
	w.And(`account = ?`, readmodel.Key(account))
	readmodel.OneOf(&w, "kind", in.Kinds, readmodel.Text)
	if in.Message != "" {
		w.And(`l.message <> '' AND l.message = ?`, in.Message)
	}
	for _, during := range []struct {
		column string
		in     domain.Interval
	}{{"effective_at", in.Effective}, {"recorded_at", in.Recorded}} {
		if !during.in.Start.IsZero() {
			w.And(during.column+` >= ?`, readmodel.Micros(during.in.Start))
		}
		if !during.in.End.IsZero() {
			w.And(during.column+` < ?`, readmodel.Micros(during.in.End))
		}
	}
	if !in.After.IsZero() {
		w.And(`(entry, place) < (?, ?)`, in.After.Entry, in.After.Place)
	}
	w.Add(` ORDER BY entry DESC, place DESC`)
	if in.Limit > 0 {
		w.Add(` LIMIT 0 + ?`, in.Limit)
	}
	return readmodel.List(ctx, q.DB, readLine, lineColumns+w.String(), w.Args...)
}

// Balance is what an account owns, in micro-credits.
type Balance struct{ Paid, Granted, HeldPaid, HeldGranted int64 }

// Available returns what new messages can be paid with.
func (b Balance) Available() int64 { return b.Paid + b.Granted }

// Held returns what is set aside for messages in progress.
func (b Balance) Held() int64 { return b.HeldPaid + b.HeldGranted }

// Owned returns everything that the account owns.
func (b Balance) Owned() int64 { return b.Available() + b.Held() }

// Balance returns what the account owns now.
func (q Ledger) Balance(ctx context.Context, account domain.AccountID) (Balance, error) {
	pockets, err := q.stored(ctx, account)
	return Balance{
		Paid: pockets[credit.Paid.String()], Granted: pockets[credit.Granted.String()],
		HeldPaid: pockets[credit.HeldPaid.String()], HeldGranted: pockets[credit.HeldGranted.String()],
	}, err
}

// Kind is the number of lines of one kind, and the sum of what they move.
type Kind struct {
	Kind   string
	Lines  int
	Amount int64 // micro-credits
}

// Kinds sums the account's ledger by kind of line.
func (q Ledger) Kinds(ctx context.Context, account domain.AccountID) ([]Kind, error) {
	read := func(row readmodel.Row) (Kind, error) { return Kind{row.Text(0), int(row.Int(1)), row.Int(2)}, nil }
	return readmodel.List(ctx, q.DB, read, `SELECT kind, count(*), CAST(sum(amount_micro) AS BIGINT) FROM ledger_v2
		WHERE account = $1 GROUP BY kind ORDER BY kind`, readmodel.Key(account))
}

// Proof is the result of checking an account's ledger: each pocket must be the sum of its lines, and all pockets must
// sum to zero.
type Proof struct {
	Sum   int64    // of all stored pockets
	Wrong []string // pockets that differ from the sum of their lines
}

// Holds reports whether the ledger is correct.
func (p Proof) Holds() bool { return p.Sum == 0 && len(p.Wrong) == 0 }

// Prove sums all lines of the account again and compares the sums with the stored pockets.
func (q Ledger) Prove(ctx context.Context, account domain.AccountID) (Proof, error) {
	stored, err := q.stored(ctx, account)
	if err != nil {
		return Proof{}, err
	}
	summed, err := q.pockets(ctx, `SELECT pocket, CAST(sum(amount_micro) AS BIGINT) FROM (
			SELECT target AS pocket, amount_micro FROM ledger_v2 WHERE account = $1 AND amount_micro <> 0
			UNION ALL SELECT source, -amount_micro FROM ledger_v2 WHERE account = $1 AND amount_micro <> 0) AS moved
		GROUP BY pocket ORDER BY pocket`, readmodel.Key(account))
	if err != nil {
		return Proof{}, err
	}
	var proof Proof
	for pocket := credit.Paid; pocket <= credit.ExpiredPocket; pocket++ {
		name := pocket.String()
		proof.Sum += stored[name]
		if stored[name] != summed[name] {
			proof.Wrong = append(proof.Wrong, name)
		}
	}
	return proof, nil
}

// stored returns the pockets of an account as they are stored.
func (q Ledger) stored(ctx context.Context, account domain.AccountID) (map[string]int64, error) {
	return q.pockets(ctx, `SELECT pocket, amount_micro FROM ledger_pockets_v2 WHERE account = $1`, readmodel.Key(account))
}

func (q Ledger) pockets(ctx context.Context, sql string, args ...any) (map[string]int64, error) {
	pockets := make(map[string]int64)
	for row, err := range q.DB.Query(ctx, sql, args...) {
		if err != nil {
			return nil, err
		}
		pockets[row.Text(0)] = row.Int(1)
	}
	return pockets, nil
}
