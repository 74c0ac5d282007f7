package credit

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Why the books say no.
var (
	ErrAmountNotPositive = domain.Refuse(domain.Invalid, "amount_not_positive",
		"an amount is more than zero; write it in micro-credits, 1000000 to the credit")
	ErrAmountOverflow = domain.Refuse(domain.Invalid, "amount_overflow",
		"the amount is larger than the books can hold; check the number of zeros")
	ErrPurchaseIDReused = domain.Refuse(domain.Disallowed, "purchase_id_reused",
		"this purchase is already in the books with another amount; give a new purchase a new id")
	ErrGrantIDReused = domain.Refuse(domain.Disallowed, "grant_id_reused",
		"this grant is already in the books with another amount; give a new grant a new id")
	ErrUnknownGrant = domain.Refuse(domain.Unknown, "unknown_grant",
		"this account was never given such a grant; look up its id in the ledger")
	ErrUnknownMessage = domain.Refuse(domain.Unknown, "unknown_message",
		"no such message was ever queued for this account; look up its id in the message history")
	ErrNothingCharged = domain.Refuse(domain.Disallowed, "nothing_charged",
		"this message has cost nothing so far, so there is nothing to refund")
	ErrRefundKeyMissing = domain.Refuse(domain.Invalid, "refund_key_required",
		"give the refund a key of its own, so that asking twice refunds once")
	ErrPeriodMalformed = domain.Refuse(domain.Invalid, "period_malformed", "write the month as 2026-03")
)

// Command is a wish addressed to one account's books.
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Because says whose books are meant, which fact asks, and when it was written down.
type Because struct {
	Account    string
	Cause      string
	RecordedAt time.Time
}

// Stream is the account's.
func (b Because) Stream() domain.Stream { return domain.StreamOf(Category, b.Account) }

// posted is true since it was recorded, unless the caller says since when.
func (b Because) posted(postings ...Posting) Posted { return b.since(b.RecordedAt, postings...) }

func (b Because) since(effective time.Time, postings ...Posting) Posted {
	return Posted{b.Account, b.Cause, effective, b.RecordedAt, postings}
}

// Purchase adds paid credits. The purchase's id makes it happen once.
type Purchase struct {
	Because
	Purchase string
	Amount   int64
}

// Grant gives credits that are used before paid ones and expire together.
type Grant struct {
	Because
	Grant     string
	Amount    int64
	ExpiresAt time.Time // zero: never
}

// ExpireGrant ends a lot.
type ExpireGrant struct {
	Because
	Grant string
}

// ClosePeriod ends a month, and all before it.
type ClosePeriod struct {
	Because
	Period string
	Zone   string
}

func (c Purchase) decide(s State) ([]Event, error) {
	if known, ok := s.sources.get(Tx("purchase", c.Purchase, 0)); ok {
		return nil, unlessSame(known, c.Amount, ErrPurchaseIDReused)
	}
	if err := s.canAdd(c.Amount); err != nil {
		return nil, err
	}
	posted := c.posted(Posting{From: IssuedPaid, To: Paid, Amount: c.Amount})
	return []Event{CreditsPurchased{posted, c.Purchase}}, nil
}

func (c Grant) decide(s State) ([]Event, error) {
	if known, ok := s.sources.get(Tx("grant", c.Grant, 0)); ok {
		return nil, unlessSame(known, c.Amount, ErrGrantIDReused)
	}
	if err := s.canAdd(c.Amount); err != nil {
		return nil, err
	}
	posted := c.posted(Posting{From: IssuedGranted, To: Granted, Amount: c.Amount, Lot: c.Grant})
	return []Event{CreditsGranted{posted, c.Grant, c.ExpiresAt}}, nil
}

func unlessSame(known, amount int64, refusal error) error {
	if known == amount {
		return nil
	}
	return refusal
}

// canAdd keeps everything the account could ever get back (what it owns and what it has spent of that) within
// int64, so that no later refund can overflow.
func (s State) canAdd(amount int64) error {
	if amount <= 0 {
		return ErrAmountNotPositive
	}
	if _, fits := add(s.added, amount); !fits {
		return ErrAmountOverflow
	}
	return nil
}

func (c ExpireGrant) decide(s State) ([]Event, error) {
	if !s.isLive(c.Grant) {
		if _, ended := s.sources.get(Tx("grant", c.Grant, 0)); ended {
			return nil, nil
		}
		return nil, ErrUnknownGrant
	}
	posted := c.posted()
	if left := s.inLot(c.Grant); left > 0 {
		posted = c.posted(Posting{From: Granted, To: ExpiredPocket, Amount: left, Lot: c.Grant})
	}
	return []Event{GrantExpired{posted, c.Grant}}, nil
}

func (c ClosePeriod) decide(s State) ([]Event, error) {
	if _, err := time.Parse(monthLayout, c.Period); err != nil {
		return nil, ErrPeriodMalformed
	}
	if _, err := domain.ParseZone(c.Zone); err != nil {
		return nil, err
	}
	if c.Period <= s.closed {
		return nil, nil
	}
	return []Event{PeriodClosed{c.posted(), c.Period, c.Zone}}, nil
}

// monthLayout is how a period is written.
const monthLayout = "2006-01"

// add answers a+b and whether int64 can hold it.
func add(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (a > sum) == (b < 0)
}
