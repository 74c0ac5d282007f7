package credit

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about the books.
var (
	ErrAmountNotPositive = domain.Refuse(domain.Invalid, "amount_not_positive",
		"an amount must be above zero; write it in micro-credits, 1000000 to the credit")
	ErrAmountOverflow = domain.Refuse(domain.Invalid, "amount_overflow",
		"the amount is larger than the books can hold; check the number of zeros")
	ErrPurchaseIDReused = domain.Refuse(domain.Disallowed, "purchase_id_reused",
		"this purchase is already in the books with another amount; give a new purchase a new id")
	ErrGrantIDReused = domain.Refuse(domain.Disallowed, "grant_id_reused",
		"this grant is already in the books with another amount; give a new grant a new id")
	ErrGrantOver = domain.Refuse(domain.Invalid, "grant_expired",
		"expires_at is not in the future, so this grant could pay for nothing; give a later instant, or none")
	ErrUnknownGrant = domain.Refuse(domain.Unknown, "unknown_grant",
		"this account was never given such a grant; look up its id in the ledger")
	ErrUnknownMessage = domain.Refuse(domain.Unknown, "unknown_message",
		"no such message was ever queued for this account; look up its id in the message history")
	ErrNothingCharged = domain.Refuse(domain.Disallowed, "nothing_charged",
		"this message has cost nothing so far, so there is nothing to refund")
	ErrAlreadyRefunded = domain.Refuse(domain.Disallowed, "already_refunded",
		"this message is refunded already, and this amount would add nothing")
	ErrRefundKeyMissing = domain.Refuse(domain.Invalid, "refund_key_required",
		"give the refund its own key, so that a repeated request refunds once")
	ErrPeriodMalformed = domain.Refuse(domain.Invalid, "period_malformed", "write the month as 2026-03")
)

// Command is a request to change the books of one account.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Because is the origin of a command: the account, the event that caused it, and when that was recorded.
type Because struct {
	Account    string
	Cause      string
	RecordedAt time.Time
}

// Stream returns the stream of the account.
func (b Because) Stream() domain.Stream { return domain.StreamOf(Category, b.Account) }

// posted returns what the event of a command has in common: it is effective when recorded, unless since says
// otherwise.
func (b Because) posted(postings ...Posting) Posted { return b.since(b.RecordedAt, postings...) }

func (b Because) since(effective time.Time, postings ...Posting) Posted {
	return Posted{b.Account, b.Cause, effective, b.RecordedAt, postings}
}

// Purchase adds paid credits. Its id makes it happen once.
type Purchase struct {
	Because
	Purchase string
	Amount   int64
}

// Grant adds credits that are used before paid ones and expire together.
type Grant struct {
	Because
	Grant     string
	Amount    int64
	ExpiresAt time.Time // zero means never
}

// Warn records that fewer credits are available than an amount. It has no effect if they are not, or if the owner was
// warned since credits were last added.
type Warn struct {
	Because
	Below int64
}

// ExpireGrant ends a lot.
type ExpireGrant struct {
	Because
	Grant string
}

// ClosePeriod closes a month and all before it.
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
	if !c.ExpiresAt.IsZero() && !c.ExpiresAt.After(c.RecordedAt) {
		return nil, ErrGrantOver
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

// canAdd refuses an amount if everything the account could ever get back, owned or spent, would exceed int64. So no
// later refund can overflow.
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

// monthLayout is the format of a period.
const monthLayout = "2006-01"

// add returns a+b, and whether it fits in int64.
func add(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (a > sum) == (b < 0)
}

func (c Warn) decide(s State) ([]Event, error) {
	available := s.At(c.RecordedAt).Available()
	if s.warned || available >= c.Below {
		return nil, nil
	}
	return []Event{LowBalanceWarned{c.posted(), available, c.Below}}, nil
}
