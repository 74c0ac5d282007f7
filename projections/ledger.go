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
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Ledger answers: what does an account own, and which line of which event made it so? The lines are those of
// package credit; an event that moves nothing but explains something (a free message, a refused hold) stands
// between them as a remark.
type Ledger struct{ DB readmodel.Reader }

var ledger = readmodel.Projection{
	Name: "ledger", Version: 1,
	Tables: []readmodel.Table{{
		// entry numbers the events of the account's books from 1, place tells the lines of one event apart.
		Name: "ledger_v1",
		Columns: `account BYTEA NOT NULL, entry BIGINT NOT NULL, place BIGINT NOT NULL, kind TEXT NOT NULL,
			tx TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, amount_micro BIGINT NOT NULL,
			effective_at BIGINT NOT NULL, recorded_at BIGINT NOT NULL, message TEXT NOT NULL, reason TEXT NOT NULL,
			windows TEXT NOT NULL, lot TEXT NOT NULL, cause TEXT NOT NULL`,
		Key:     "account, entry, place",
		Indexes: []string{"(account, message, entry, place) WHERE message <> ''"},
	}, {
		Name:    "ledger_pockets_v1",
		Columns: `account BYTEA NOT NULL, pocket TEXT NOT NULL, amount_micro BIGINT NOT NULL`,
		Key:     "account, pocket",
	}},
	Types: domain.NamesOf(credit.CreditsPurchased{}, credit.CreditsGranted{}, credit.GrantExpired{}, credit.CreditsHeld{},
		credit.HoldWaived{}, credit.HoldRefused{}, credit.HoldReleased{}, credit.CreditsCharged{}, credit.ChargeWaived{},
		credit.AcceptanceAbsorbed{}, credit.CreditRefunded{}, credit.RefundReversed{}, credit.ManualRefundIssued{},
		credit.NonDeliveryProven{}, credit.GoodwillKept{}, credit.LowBalanceWarned{}, credit.PeriodClosed{}),
	Apply: applyLedger,
}

// pocketOf is one pocket of one account. What moved to the system stands beside what the account has, so that each
// account's pockets sum to zero.
type pocketOf struct {
	account uuid.UUID
	pocket  string
}

// moves gathers what a batch moves, so that each pocket is written once.
type moves map[pocketOf]int64

func applyLedger(ctx context.Context, tx readmodel.Tx, events []domain.Recorded) error {
	s, moved := readmodel.Session{Ctx: ctx, Tx: tx}, make(moves)
	for _, r := range events {
		if err := moved.learn(s, r); err != nil {
			return fmt.Errorf("%s at revision %d of %s: %w", r.Event.EventType(), r.Revision, r.Stream, err)
		}
	}
	return moved.write(s)
}

func (m moves) learn(s readmodel.Session, r domain.Recorded) error {
	event, ok := r.Event.(credit.Event)
	if !ok {
		return fmt.Errorf("%T is no event of the books", r.Event)
	}
	owner, err := uuid.Parse(r.Stream.Key())
	if err != nil {
		return fmt.Errorf("the books of %q are of no account: %w", r.Stream, err)
	}
	lines := credit.Lines(event)
	if len(lines) == 0 {
		lines = []credit.Line{remark(event)}
	}
	windows := strings.Join(covering(event), " ")
	for i, line := range lines {
		from, to := pocket(line.From, line.Account), pocket(line.To, line.Account)
		err := s.Exec(`INSERT INTO ledger_v1 (account, entry, place, kind, tx, source, target, amount_micro, effective_at,
				recorded_at, message, reason, windows, lot, cause)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`, owner[:], int64(r.Revision)+1, i,
			line.Kind, line.Tx, from, to, line.Amount, readmodel.Micros(line.EffectiveAt), readmodel.Micros(line.RecordedAt), line.Message,
			line.Reason, windows, line.Lot, line.Cause)
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

// pocket is the short name of a pocket: held:paid of acct:A1:held:paid, revenue:paid of sys:revenue:paid.
func pocket(name, account string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "acct:"+account+":"), "sys:")
}

// remark is a line that moves nothing: it says why nothing moved.
func remark(event credit.Event) credit.Line {
	line := func(kind string, p credit.Posted, message, reason string) credit.Line {
		return credit.Line{
			Kind: kind, Account: p.Account, Cause: p.Cause, EffectiveAt: p.EffectiveAt, RecordedAt: p.RecordedAt,
			Message: message, Reason: reason,
		}
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
	}
	return credit.Line{Kind: "remark"}
}

// covering are the windows that made an event free.
func covering(event credit.Event) []string {
	switch e := event.(type) {
	case credit.HoldWaived:
		return e.Windows
	case credit.ChargeWaived:
		return e.Windows
	}
	return nil
}

func (m moves) write(s readmodel.Session) error {
	touched := slices.SortedFunc(maps.Keys(m), func(a, b pocketOf) int {
		return cmp.Or(bytes.Compare(a.account[:], b.account[:]), strings.Compare(a.pocket, b.pocket))
	})
	for _, p := range touched {
		err := s.Exec(`INSERT INTO ledger_pockets_v1 (account, pocket, amount_micro) VALUES ($1, $2, $3)
			ON CONFLICT (account, pocket) DO UPDATE
				SET amount_micro = ledger_pockets_v1.amount_micro + excluded.amount_micro`, p.account[:], p.pocket, m[p])
		if err != nil {
			return err
		}
	}
	return nil
}
