package credit

import (
	"slices"
	"strconv"

	"github.com/clickbook/clickbook/domain"
)

// ProveNonDelivery records that every accepted attempt of a message ended in a receipt that refunds.
type ProveNonDelivery struct {
	Because
	Message   string
	GraceDays int
}

// Recover settles one message after a window was declared, amended or revoked. It says whether any window covered the
// message before, and whether any does now.
type Recover struct {
	Because
	Message    string
	Window     string
	WasCovered bool
	IsCovered  bool
	Clawback   bool // take back a refund that no window covers any more; otherwise the customer keeps it
	GraceDays  int
}

// RefundManually promises a refund. The same key promises once.
type RefundManually struct {
	Because
	Message   string
	RefundKey string
	Amount    int64
	Note      domain.Private
	GraceDays int
	// MustPay refuses a refund that would move nothing now. Without it the promise is recorded all the same, and counts
	// if a window takes its own refund back later.
	MustPay bool
}

func (c ProveNonDelivery) decide(s State) ([]Event, error) {
	r, known := s.record(c.Message)
	if !known {
		return nil, ErrUnknownMessage
	}
	if r.stage != Captured || r.nonDelivery {
		return nil, nil
	}
	proven := NonDeliveryProven{c.posted(), c.Message}
	return s.adjust(c.Because, proven, c.Message, "dlr", false, false, c.GraceDays)
}

func (c Recover) decide(s State) ([]Event, error) {
	r, known := s.record(c.Message)
	if !known {
		return nil, ErrUnknownMessage
	}
	if r.stage != Captured {
		return nil, nil
	}
	var kept Event
	if c.WasCovered && !c.IsCovered && !c.Clawback && !r.goodwill {
		kept = GoodwillKept{c.posted(), c.Message, c.Window}
	}
	return s.adjust(c.Because, kept, c.Message, "window:"+c.Window, c.IsCovered, c.Clawback, c.GraceDays)
}

func (c RefundManually) decide(s State) ([]Event, error) {
	r, known := s.record(c.Message)
	switch {
	case c.Amount <= 0:
		return nil, ErrAmountNotPositive
	case c.RefundKey == "":
		return nil, ErrRefundKeyMissing
	case !known || r.stage != Captured:
		return nil, ErrNothingCharged
	case slices.Contains(r.keys, c.RefundKey):
		return nil, nil
	}
	issued := ManualRefundIssued{c.posted(), c.Message, c.RefundKey, c.Amount, c.Note}
	events, err := s.adjust(c.Because, issued, c.Message, "manual", false, false, c.GraceDays)
	if err == nil && c.MustPay && len(events) == 1 {
		return nil, s.alreadyRefunded(c.Message)
	}
	return events, err
}

// alreadyRefunded returns the refusal of a refund that would move nothing.
func (s State) alreadyRefunded(message string) error {
	charge, _ := s.Charge(message)
	return domain.Refusef(ErrAlreadyRefunded.Reason, ErrAlreadyRefunded.Code,
		"%d of the %d micro-credits that this message cost are refunded already, and this amount would add nothing; "+
			"a refund counts up to what the message cost", charge.Refunded, charge.Charged)
}

// adjust posts the difference between the target of a message and what was refunded so far, after a first event that
// may have raised the target. Only a clawback may take back: without one, any window that the caller does not mention
// was settled before.
func (s State) adjust(
	why Because, first Event, message, reason string, covered, clawback bool, graceDays int,
) ([]Event, error) {
	var events []Event
	if first != nil {
		s, events = first.evolve(s), append(events, first)
	}
	r, _ := s.record(message)
	c := r.charge(message)
	adjustment := Adjustment{message, c.Adjustments + 1, reason}
	switch due := c.Target(covered) - c.Refunded; {
	case due > 0:
		postings := s.giveBack(r, due, why, adjustment, graceDays)
		events = append(events, CreditRefunded{why.since(c.SentAt, postings...), adjustment})
	case due < 0 && clawback:
		postings := s.takeBack(r, -due)
		if !s.canOwe(postings) {
			return nil, ErrAmountOverflow
		}
		events = append(events, RefundReversed{why.since(c.SentAt, postings...), adjustment})
	}
	return events, nil
}

// giveBack reverses first the reversals, then the charge itself, in each case the latest posting first. Postings stay
// separate even if the books show one line, so their order can be reversed in turn.
func (s State) giveBack(r record, amount int64, why Because, a Adjustment, graceDays int) (postings []Posting) {
	sources := slices.Concat(pop(r.taken(), total(r.refunded)+total(r.reversed)), r.reversed)
	for _, source := range slices.Backward(sources) {
		part := min(amount, source.Amount)
		if part == 0 {
			break
		}
		amount -= part
		p := Posting{From: source.refunds(), To: source.own(), Amount: part, Lot: source.Lot}
		if p.To == Granted && !s.At(why.RecordedAt).isLive(p.Lot) {
			p.Lot += "+r" + strconv.Itoa(a.K) + "|" + a.Message
			p.LotExpiresAt = graceEnd(why.RecordedAt, graceDays)
		}
		postings = append(postings, p)
	}
	return postings
}

// takeBack reverses refunds, the latest first: from the lot they went to as far as it still has credits, and from
// paid for the rest. Paid may become a debt, a lot never does.
func (s State) takeBack(r record, amount int64) (postings []Posting) {
	left := make(map[string]int64)
	for _, lot := range s.lots {
		left[lot.ID] = lot.Amount
	}
	for _, refund := range slices.Backward(r.refunded) {
		part := min(amount, refund.Amount)
		if part == 0 {
			break
		}
		amount -= part
		if fromLot := min(part, left[refund.Lot]); fromLot > 0 {
			left[refund.Lot] -= fromLot
			part -= fromLot
			postings = append(postings, Posting{From: Granted, To: refund.refunds(), Amount: fromLot, Lot: refund.Lot})
		}
		if part > 0 {
			postings = append(postings, Posting{From: Paid, To: refund.refunds(), Amount: part})
		}
	}
	return postings
}

func (s State) canOwe(postings []Posting) bool {
	paid, fits := s.paid, true
	for _, p := range postings {
		if p.From == Paid && fits {
			paid, fits = add(paid, -p.Amount)
		}
	}
	return fits
}
