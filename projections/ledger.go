package projections

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Ledger answers: what does an account own, and which line of which event moved it? The lines are those of package
// credit. An event that moves nothing but explains something (a free message, a refused hold) is a line too, a
// remark. A line about a message shows what its price consists of, never its text or its recipient.
type Ledger struct{ DB readmodel.Reader }

var ledger = readmodel.Projection{
	Name: "ledger", Version: 2,
	Tables: []readmodel.Table{{
		// entry numbers the events of the account's ledger from 1, place the lines of one event from 0.
		Name: "ledger_v2",
		Columns: `account BYTEA NOT NULL, entry BIGINT NOT NULL, place BIGINT NOT NULL, kind TEXT NOT NULL,
			tx TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, amount_micro BIGINT NOT NULL,
			effective_at BIGINT NOT NULL, recorded_at BIGINT NOT NULL, message TEXT NOT NULL, reason TEXT NOT NULL,
			windows TEXT NOT NULL, lot TEXT NOT NULL, cause TEXT NOT NULL`,
		Key:     "account, entry, place",
		Indexes: []string{"(account, message, entry, place) WHERE message <> ''"},
	}, {
		Name:    "ledger_pockets_v2",
		Columns: `account BYTEA NOT NULL, pocket TEXT NOT NULL, amount_micro BIGINT NOT NULL`,
		Key:     "account, pocket",
	}, {
		Name: "ledger_prices_v2",
		Columns: `message TEXT NOT NULL, country TEXT NOT NULL, segments BIGINT NOT NULL, unit_price_micro BIGINT NOT NULL,
			price_list BIGINT NOT NULL`,
		Key: "message",
	}},
	Types: domain.NamesOf(message.ReminderQueued{}, message.NoticeQueued{},
		credit.CreditsPurchased{}, credit.CreditsGranted{}, credit.GrantExpired{}, credit.CreditsHeld{},
		credit.HoldWaived{}, credit.HoldRefused{}, credit.HoldReleased{}, credit.CreditsCharged{}, credit.ChargeWaived{},
		credit.AcceptanceAbsorbed{}, credit.CreditRefunded{}, credit.RefundReversed{}, credit.ManualRefundIssued{},
		credit.NonDeliveryProven{}, credit.GoodwillKept{}, credit.LowBalanceWarned{}, credit.PeriodClosed{}),
	Apply: applyLedger,
}

// pocketOf is one pocket of one account. The system's pockets are kept for each account too, so that the pockets of
// an account sum to zero.
type pocketOf struct {
	account uuid.UUID
	pocket  string
}

// moves sums what a batch moves, so that each pocket is written once.
type moves map[pocketOf]int64

func applyLedger(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
	moved := make(moves)
	if err := readmodel.ApplyEach(moved.apply)(ctx, tx, events); err != nil {
		return err
	}
	return moved.write(readmodel.Writer{Ctx: ctx, Tx: tx})
}

func (m moves) apply(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case message.ReminderQueued:
		return keepPrice(w, e.Message, e.Letter)
	case message.NoticeQueued:
		return keepPrice(w, e.Message, e.Letter)
	case credit.Event:
		return m.post(w, r, e)
	default:
		return domain.Unexpected(r)
	}
}

// keepPrice stores what the price of a text consists of. Emails cost nothing.
func keepPrice(w readmodel.Writer, id domain.MessageID, l message.Letter) error {
	if l.Channel != message.SMS {
		return nil
	}
	return w.Exec(`INSERT INTO ledger_prices_v2 (message, country, segments, unit_price_micro, price_list)
		VALUES ($1, $2, $3, $4, $5)`, id.String(), l.Country, int64(l.Segments), l.UnitPrice, int64(l.PricedBy()))
}

// post stores the lines of an event, or its remark.
func (m moves) post(w readmodel.Writer, r domain.Recorded, event credit.Event) error {
	owner, err := uuid.Parse(r.Stream.Key())
	if err != nil {
		return fmt.Errorf("stream %q does not name an account: %w", r.Stream, err)
	}
	lines := credit.Lines(event)
	if len(lines) == 0 {
		line, err := remark(event, r)
		if err != nil {
			return err
		}
		lines = []credit.Line{line}
	}
	windows := strings.Join(windowsOf(event), " ")
	for i, line := range lines {
		from, to := pocket(line.From, line.Account), pocket(line.To, line.Account)
		err := w.Exec(`INSERT INTO ledger_v2 (account, entry, place, kind, tx, source, target, amount_micro, effective_at,
				recorded_at, message, reason, windows, lot, cause)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, owner[:], int64(r.Revision)+1, i,
			line.Kind, line.Tx, from, to, line.Amount, readmodel.Micros(line.EffectiveAt),
			readmodel.Micros(line.RecordedAt), line.Message, line.Reason, windows, line.Lot, line.Cause)
		if err != nil {
			return err
		}
		if line.Amount != 0 {
			m[pocketOf{owner, from}] -= line.Amount
			m[pocketOf{owner, to}] += line.Amount
		}
	}
	return nil
}

// pocket returns the short name of a pocket: held:paid for acct:A1:held:paid, revenue:paid for sys:revenue:paid.
func pocket(name, account string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "acct:"+account+":"), "sys:")
}

// remark returns the line of an event that moves nothing.
func remark(event credit.Event, r domain.Recorded) (credit.Line, error) {
	line := func(kind string, p credit.Posted, message, reason string) (credit.Line, error) {
		return credit.Line{
			Kind: kind, Account: p.Account, Cause: p.Cause, EffectiveAt: p.EffectiveAt, RecordedAt: p.RecordedAt,
			Message: message, Reason: reason,
		}, nil
	}
	switch e := event.(type) {
	case credit.HoldWaived:
		return line("hold_waived", e.Posted, e.Message, "")
	case credit.HoldRefused:
		return line("hold_refused", e.Posted, e.Message, "no_credit")
	case credit.HoldReleased:
		return line("release", e.Posted, e.Message, "")
	case credit.ChargeWaived:
		return line("charge_waived", e.Posted, e.Message, "")
	case credit.CreditsCharged:
		return line("capture", e.Posted, e.Message, "")
	case credit.AcceptanceAbsorbed:
		return line("absorbed", e.Posted, e.Message, "")
	case credit.ManualRefundIssued:
		return line("manual_refund", e.Posted, e.Message, e.RefundKey)
	case credit.NonDeliveryProven:
		return line("non_delivery", e.Posted, e.Message, "")
	case credit.GoodwillKept:
		return line("goodwill", e.Posted, e.Message, "window:"+e.Window)
	case credit.GrantExpired:
		return line("expire", e.Posted, "", e.Grant)
	case credit.LowBalanceWarned:
		return line("low_balance", e.Posted, "", "")
	case credit.PeriodClosed:
		return line("period_closed", e.Posted, "", e.Period)
	case credit.CreditsPurchased, credit.CreditsGranted, credit.CreditsHeld, credit.CreditRefunded, credit.RefundReversed:
		return credit.Line{Kind: "remark"}, nil // of an amount of zero
	default:
		return credit.Line{}, domain.Unexpected(r)
	}
}

// windowsOf returns the refund windows that made an event free.
func windowsOf(event credit.Event) []string {
	switch e := event.(type) {
	case credit.HoldWaived:
		return e.Windows
	case credit.ChargeWaived:
		return e.Windows
	}
	return nil
}

func (m moves) write(w readmodel.Writer) error {
	touched := slices.SortedFunc(maps.Keys(m), func(a, b pocketOf) int {
		return cmp.Or(bytes.Compare(a.account[:], b.account[:]), strings.Compare(a.pocket, b.pocket))
	})
	for _, p := range touched {
		err := w.Exec(`INSERT INTO ledger_pockets_v2 (account, pocket, amount_micro) VALUES ($1, $2, $3)
			ON CONFLICT (account, pocket) DO UPDATE
				SET amount_micro = ledger_pockets_v2.amount_micro + excluded.amount_micro`, p.account[:], p.pocket, m[p])
		if err != nil {
			return err
		}
	}
	return nil
}
