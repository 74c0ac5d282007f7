package credit

import (
	"strconv"
	"time"
)

// Line is one line of the books. The sum over all accounts is always zero.
type Line struct {
	Cause        string
	Kind         string // purchase, grant, hold, release, capture, refund, reversal, expire
	Tx           string // unique: capture|M1, refund|M1|2
	From         string // acct:A1:paid, sys:revenue:paid
	To           string
	Amount       int64 // micro-credits
	EffectiveAt  time.Time
	RecordedAt   time.Time
	Account      string
	Message      string
	Reason       string
	Lot          string
	LotExpiresAt time.Time // set if the line opened the lot
}

// PostedOf returns what an event has in common with all events of the books.
func PostedOf(event Event) Posted { return event.posted() }

// Lines returns the lines that an event adds to the books. Postings with equal tx, from, to and lot are one line.
func Lines(event Event) []Line {
	kind, source, k, reason := headline(event)
	if kind == "" {
		return nil
	}
	posted := event.posted()
	line := Line{
		Cause: posted.Cause, Kind: kind, Tx: Tx(kind, source, k), EffectiveAt: posted.EffectiveAt,
		RecordedAt: posted.RecordedAt, Account: posted.Account, Reason: reason,
	}
	if _, about := event.(interface{ about() string }); about {
		line.Message = source
	}
	var lines []Line
next:
	for _, p := range posted.Postings {
		line.From, line.To, line.Amount = p.From.Of(posted.Account), p.To.Of(posted.Account), p.Amount
		line.Lot, line.LotExpiresAt = p.Lot, p.LotExpiresAt
		for i := range lines {
			if lines[i].From == line.From && lines[i].To == line.To && lines[i].Lot == line.Lot {
				lines[i].Amount += line.Amount
				continue next
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func headline(event Event) (kind, source string, k int, reason string) {
	switch e := event.(type) {
	case CreditsPurchased:
		return "purchase", e.Purchase, 0, ""
	case CreditsGranted:
		return "grant", e.Grant, 0, ""
	case GrantExpired:
		return "expire", e.Grant, 0, ""
	case CreditsHeld:
		return "hold", e.Message, 0, ""
	case HoldReleased:
		return "release", e.Message, 0, ""
	case ChargeWaived:
		return "release", e.Message, 0, ""
	case CreditsCharged:
		return "capture", e.Message, 0, ""
	case CreditRefunded:
		return "refund", e.Message, e.K, e.Reason
	case RefundReversed:
		return "reversal", e.Message, e.K, e.Reason
	default: // no other event names a line
		return "", "", 0, ""
	}
}

// Tx returns the name of a transaction: refund|M1|2. It has a number only if a message can have several of the kind.
func Tx(kind, source string, k int) string {
	if k == 0 {
		return kind + "|" + source
	}
	return kind + "|" + source + "|" + strconv.Itoa(k)
}

func (q Quote) about() string              { return q.Message }
func (a Acceptance) about() string         { return a.Message }
func (a Adjustment) about() string         { return a.Message }
func (e HoldReleased) about() string       { return e.Message }
func (e ManualRefundIssued) about() string { return e.Message }
func (e NonDeliveryProven) about() string  { return e.Message }
func (e GoodwillKept) about() string       { return e.Message }
