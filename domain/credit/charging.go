package credit

import (
	"math"
	"slices"
	"time"
)

// Hold reserves the price of a queued message.
type Hold struct {
	Because
	Message   string
	Segments  int64
	UnitPrice int64    // micro-credits per segment
	Country   string   // of the destination
	Home      string   // the account's home zone
	CoveredBy []string // known windows that cover the planned time for any provider
}

// Accept records that a provider accepted a message. The first acceptance decides the charge.
type Accept struct {
	Because
	Message   string
	Attempt   int
	Provider  string
	SentAt    time.Time
	CoveredBy []string // known windows that cover this acceptance
	GraceDays int
}

// Release records that a message failed or was suppressed.
type Release struct {
	Because
	Message   string
	GraceDays int
}

func (c Hold) decide(s State) ([]Event, error) {
	if _, known := s.record(c.Message); known {
		return nil, nil
	}
	price, err := Price(c.Segments, c.UnitPrice)
	if err != nil {
		return nil, err
	}
	quote := Quote{c.Message, price, c.Country, c.Home}
	if len(c.CoveredBy) > 0 {
		return []Event{HoldWaived{c.posted(), quote, slices.Clone(c.CoveredBy)}}, nil
	}
	valid := s.At(c.RecordedAt)
	parts := valid.draw(price)
	if left := parts[len(parts)-1]; left.Lot == "" && s.paid < left.Amount {
		return []Event{HoldRefused{c.posted(), quote, valid.Available()}}, nil
	}
	postings := make([]Posting, 0, len(parts))
	for _, p := range parts {
		posting := Posting{From: Paid, To: HeldPaid, Amount: p.Amount, Lot: p.Lot}
		if p.Lot != "" {
			posting.From, posting.To = Granted, HeldGranted
		}
		postings = append(postings, posting)
	}
	return []Event{CreditsHeld{c.posted(postings...), quote}}, nil
}

// Price returns segments × unitPrice in micro-credits.
func Price(segments, unitPrice int64) (int64, error) {
	if segments <= 0 || unitPrice <= 0 {
		return 0, ErrAmountNotPositive
	}
	if unitPrice > math.MaxInt64/segments {
		return 0, ErrAmountOverflow
	}
	return segments * unitPrice, nil
}

// draw returns where a price comes from: lots first, by expiry, then paid. The part of paid, if any, is the last and
// has no lot. Call it on State.At: an expired lot stays in the books until GrantExpired removes it.
func (s State) draw(price int64) (parts []part) {
	for _, lot := range s.lots {
		if taken := min(lot.Amount, price); taken > 0 {
			parts = append(parts, part{lot.ID, taken})
			price -= taken
		}
	}
	if price > 0 {
		parts = append(parts, part{"", price})
	}
	return parts
}

func (c Accept) decide(s State) ([]Event, error) {
	r, known := s.record(c.Message)
	if !known {
		return nil, ErrUnknownMessage
	}
	accepted := Acceptance{c.Message, c.Attempt, c.Provider}
	switch {
	case r.stage == Failed || r.stage == Blocked:
		return []Event{AcceptanceAbsorbed{c.since(c.SentAt), accepted}}, nil
	case r.stage != Held && r.stage != QueuedNoHold:
		return nil, nil
	case len(c.CoveredBy) > 0:
		released := s.release(c.Message, r, c.RecordedAt, c.GraceDays)
		return []Event{ChargeWaived{c.since(c.SentAt, released...), accepted, slices.Clone(c.CoveredBy)}}, nil
	}
	postings, err := s.capture(r, c.SentAt)
	if err != nil {
		return nil, err
	}
	return []Event{CreditsCharged{c.since(c.SentAt, postings...), accepted}}, nil
}

// capture takes the price from the hold, or directly from the balance if there is none. The text is already sent, so
// the balance cannot refuse: paid may go below zero.
func (s State) capture(r record, sentAt time.Time) ([]Posting, error) {
	parts, fromPaid, fromLot := r.taken(), HeldPaid, HeldGranted
	if r.stage == QueuedNoHold {
		direct := record{price: r.price}
		for _, p := range s.At(sentAt).draw(r.price) {
			if p.Lot != "" {
				direct.lots = append(direct.lots, p)
			}
		}
		parts, fromPaid, fromLot = direct.taken(), Paid, Granted
		if last := parts[len(parts)-1]; !last.Granted {
			if _, fits := add(s.paid, -last.Amount); !fits {
				return nil, ErrAmountOverflow
			}
		}
	}
	postings := make([]Posting, 0, len(parts))
	for _, p := range parts {
		posting := Posting{From: fromPaid, To: RevenuePaid, Amount: p.Amount, Lot: p.Lot}
		if p.Granted {
			posting.From, posting.To = fromLot, RevenueGranted
		}
		postings = append(postings, posting)
	}
	return postings, nil
}

func (c Release) decide(s State) ([]Event, error) {
	r, known := s.record(c.Message)
	if !known {
		return nil, ErrUnknownMessage
	}
	if r.stage != Held && r.stage != QueuedNoHold {
		return nil, nil
	}
	return []Event{HoldReleased{c.posted(s.release(c.Message, r, c.RecordedAt, c.GraceDays)...), c.Message}}, nil
}

// release returns what a hold took. What came from a lot that has expired since opens a new lot.
func (s State) release(message string, r record, at time.Time, graceDays int) (postings []Posting) {
	if r.stage != Held {
		return nil
	}
	for _, p := range r.taken() {
		posting := Posting{From: HeldPaid, To: Paid, Amount: p.Amount, Lot: p.Lot}
		if p.Granted {
			posting.From, posting.To = HeldGranted, Granted
			if !s.At(at).isLive(p.Lot) {
				posting.Lot, posting.LotExpiresAt = p.Lot+"+h|"+message, graceEnd(at, graceDays)
			}
		}
		postings = append(postings, posting)
	}
	return postings
}
