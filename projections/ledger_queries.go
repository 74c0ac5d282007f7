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

// Line is one line of an account's books, or a remark that moves nothing (Amount 0, From and To empty). Pockets have
// their short names: paid, granted, held:paid, held:granted are the account's, the others the system's.
type Line struct {
	Entry       int    // number of the event in the account's books, from 1
	Place       int    // of the line within the event, from 0
	Kind        string // purchase, grant, hold, release, capture, refund, reversal, expire, or of a remark
	Tx          string // unique for ever: capture|M1, refund|M1|2; empty for a remark
	From, To    string
	Amount      int64 // micro-credits
	EffectiveAt time.Time
	RecordedAt  time.Time
	Message     string
	Reason      string
	Windows     []string // that made it free
	Lot         string
	Cause       string // id of the event that made it
}

// LineFilter narrows the ledger. What is zero or empty does not narrow.
type LineFilter struct {
	Kinds     []string
	Message   string
	Effective domain.Interval
	Recorded  domain.Interval
	AfterLine LineMark // the last one of the page before
	Limit     int
}

// LineMark is a place in an account's ledger. The zero LineMark is the newest end.
type LineMark struct {
	Entry int
	Place int
}

// Mark is where the page after this line begins.
func (l Line) Mark() LineMark { return LineMark{l.Entry, l.Place} }

// IsZero reports whether the ledger is read from its newest end.
func (m LineMark) IsZero() bool { return m == LineMark{} }

// MarshalText writes two numbers with a dash between them.
func (m LineMark) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d-%d", m.Entry, m.Place), nil
}

// UnmarshalText reads what MarshalText wrote.
func (m *LineMark) UnmarshalText(text []byte) error {
	var read LineMark
	if _, err := fmt.Sscanf(string(text), "%d-%d", &read.Entry, &read.Place); err != nil ||
		fmt.Sprintf("%d-%d", read.Entry, read.Place) != string(text) {
		return domain.Refuse(domain.Invalid, "cursor_malformed",
			"the cursor is not one that this list gave; leave it out to begin anew")
	}
	*m = read
	return nil
}

const lineColumns = `SELECT entry, place, kind, tx, source, target, amount_micro, effective_at, recorded_at, message,
	reason, windows, lot, cause FROM ledger_v1 `

func readLine(row readmodel.Row) (Line, error) {
	return Line{
		Entry: int(row.Int(0)), Place: int(row.Int(1)), Kind: row.Text(2), Tx: row.Text(3),
		From: row.Text(4), To: row.Text(5), Amount: row.Int(6), EffectiveAt: readmodel.Time(row.Int(7)),
		RecordedAt: readmodel.Time(row.Int(8)), Message: row.Text(9), Reason: row.Text(10), Windows: strings.Fields(row.Text(11)),
		Lot: row.Text(12), Cause: row.Text(13),
	}, nil
}

// Find are the lines of an account that the filter leaves, newest first.
func (q Ledger) Find(ctx context.Context, account domain.AccountID, in LineFilter) ([]Line, error) {
	var w readmodel.Where
	w.And(`account = ?`, readmodel.Key(account))
	readmodel.OneOf(&w, "kind", in.Kinds, readmodel.Text)
	if in.Message != "" {
		w.And(`message <> '' AND message = ?`, in.Message)
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
	if !in.AfterLine.IsZero() {
		w.And(`(entry, place) < (?, ?)`, in.AfterLine.Entry, in.AfterLine.Place)
	}
	w.Add(` ORDER BY entry DESC, place DESC`)
	if in.Limit > 0 {
		w.Add(` LIMIT 0 + ?`, in.Limit)
	}
	return readmodel.List(ctx, q.DB, readLine, lineColumns+w.String(), w.Args...)
}

// Balance is what an account has, in micro-credits.
type Balance struct{ Paid, Granted, HeldPaid, HeldGranted int64 }

// Available is what new messages can be sent for.
func (b Balance) Available() int64 { return b.Paid + b.Granted }

// Held is what messages under way may cost.
func (b Balance) Held() int64 { return b.HeldPaid + b.HeldGranted }

// Owned is everything the account has.
func (b Balance) Owned() int64 { return b.Available() + b.Held() }

// Balance is what the account has now.
func (q Ledger) Balance(ctx context.Context, account domain.AccountID) (Balance, error) {
	pockets, err := q.pockets(ctx, `SELECT pocket, amount_micro FROM ledger_pockets_v1 WHERE account = $1`, readmodel.Key(account))
	return Balance{
		Paid: pockets[credit.Paid.String()], Granted: pockets[credit.Granted.String()],
		HeldPaid: pockets[credit.HeldPaid.String()], HeldGranted: pockets[credit.HeldGranted.String()],
	}, err
}

// Kind is how often a kind of line occurs, and what all of them move.
type Kind struct {
	Kind   string
	Lines  int
	Amount int64 // micro-credits
}

// Kinds sums an account's ledger up by kind of line.
func (q Ledger) Kinds(ctx context.Context, account domain.AccountID) ([]Kind, error) {
	read := func(row readmodel.Row) (Kind, error) { return Kind{row.Text(0), int(row.Int(1)), row.Int(2)}, nil }
	return readmodel.List(ctx, q.DB, read, `SELECT kind, count(*), CAST(sum(amount_micro) AS BIGINT) FROM ledger_v1
		WHERE account = $1 GROUP BY kind ORDER BY kind`, readmodel.Key(account))
}

// Proof says whether an account's books are whole: every pocket is what its lines make it, and all sum to zero.
type Proof struct {
	Pockets map[string]int64 // by the lines
	Sum     int64            // of all pockets: zero
	Wrong   []string         // pockets that are not what their lines make them
}

// Holds reports whether the books are whole.
func (p Proof) Holds() bool { return p.Sum == 0 && len(p.Wrong) == 0 }

// Prove adds all lines of an account up anew.
func (q Ledger) Prove(ctx context.Context, account domain.AccountID) (Proof, error) {
	kept, err := q.pockets(ctx, `SELECT pocket, amount_micro FROM ledger_pockets_v1 WHERE account = $1`, readmodel.Key(account))
	if err != nil {
		return Proof{}, err
	}
	summed, err := q.pockets(ctx, `SELECT pocket, CAST(sum(amount_micro) AS BIGINT) FROM (
			SELECT target AS pocket, amount_micro FROM ledger_v1 WHERE account = $1 AND amount_micro <> 0
			UNION ALL SELECT source, -amount_micro FROM ledger_v1 WHERE account = $1 AND amount_micro <> 0) AS moved
		GROUP BY pocket ORDER BY pocket`, readmodel.Key(account))
	if err != nil {
		return Proof{}, err
	}
	proof := Proof{Pockets: summed}
	for pocket := credit.Paid; pocket <= credit.ExpiredPocket; pocket++ {
		name := pocket.String()
		proof.Sum += kept[name]
		if kept[name] != summed[name] {
			proof.Wrong = append(proof.Wrong, name)
		}
	}
	return proof, nil
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
