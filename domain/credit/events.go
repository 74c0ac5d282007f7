package credit

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Event is anything that can have happened to an account's credits.
//
//sumtype:decl
type Event interface {
	domain.Event
	posted() Posted
	evolve(State) State
}

// Types lists every event a credits stream may hold.
var Types = domain.Types{
	domain.TypeOf[CreditsPurchased](), domain.TypeOf[CreditsGranted](), domain.TypeOf[GrantExpired](),
	domain.TypeOf[CreditsHeld](), domain.TypeOf[HoldWaived](), domain.TypeOf[HoldRefused](),
	domain.TypeOf[HoldReleased](), domain.TypeOf[CreditsCharged](), domain.TypeOf[ChargeWaived](),
	domain.TypeOf[AcceptanceAbsorbed](), domain.TypeOf[CreditRefunded](), domain.TypeOf[RefundReversed](),
	domain.TypeOf[ManualRefundIssued](), domain.TypeOf[NonDeliveryProven](), domain.TypeOf[GoodwillKept](),
	domain.TypeOf[LowBalanceWarned](), domain.TypeOf[PeriodClosed](),
}

// Posted is common to all events of the books: the account, the event that caused it, since when it is true, when it
// was recorded, and what it moves. Ids are text, not UUIDs, because auditors replay books with their own ids.
type Posted struct {
	Account     string    `json:"account"`
	Cause       string    `json:"cause"` // id of the event that made this one
	EffectiveAt time.Time `json:"effective_at"`
	RecordedAt  time.Time `json:"recorded_at"`
	Postings    []Posting `json:"postings,omitempty"`
}

// Posting moves an amount (micro-credits, above zero) between pockets. LotExpiresAt is set if it opens the lot.
type Posting struct {
	From         Pocket    `json:"from"`
	To           Pocket    `json:"to"`
	Amount       int64     `json:"amount_micro"`
	Lot          string    `json:"lot,omitempty"`
	LotExpiresAt time.Time `json:"lot_expires_at,omitzero"`
}

// Quote is the price of a message, fixed when it was queued, and its destination, which decides coverage.
type Quote struct {
	Message string `json:"message"`
	Price   int64  `json:"price_micro"` // segments × unit price
	Country string `json:"country"`     // ISO 3166-1 of the destination
	Home    string `json:"home"`        // home zone of the account at that time
}

// Acceptance is the acceptance of a message by a provider. Its instant is EffectiveAt.
type Acceptance struct {
	Message  string `json:"message"`
	Attempt  int    `json:"attempt"`
	Provider string `json:"provider"`
}

// CreditsPurchased adds paid credits.
type CreditsPurchased struct {
	Posted
	Purchase string `json:"purchase"`
}

// CreditsGranted opens a lot of granted credits. Without an expiry it never ends.
type CreditsGranted struct {
	Posted
	Grant     string    `json:"grant"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// GrantExpired ends a lot. What was left in it is lost; what is held of it may still be charged.
type GrantExpired struct {
	Posted
	Grant string `json:"grant"`
}

// CreditsHeld reserves the price of a queued message.
type CreditsHeld struct {
	Posted
	Quote
}

// HoldWaived records that nothing is held, because a known window covers the planned time of the message.
type HoldWaived struct {
	Posted
	Quote
	Windows []string `json:"windows"`
}

// HoldRefused records that there are too few credits. The message must not be sent.
type HoldRefused struct {
	Posted
	Quote
	Available int64 `json:"available_micro"`
}

// HoldReleased records that a message failed or was suppressed before any provider accepted it, so it costs nothing.
// It moves nothing if nothing was held.
type HoldReleased struct {
	Posted
	Message string `json:"message"`
}

// CreditsCharged charges the price at the first acceptance, once.
type CreditsCharged struct {
	Posted
	Acceptance
}

// ChargeWaived records that a known window covers the first acceptance. A hold is released, and the message stays
// free.
type ChargeWaived struct {
	Posted
	Acceptance
	Windows []string `json:"windows"`
}

// AcceptanceAbsorbed records that a provider accepted a message that had failed or was blocked. Nobody pays.
type AcceptanceAbsorbed struct {
	Posted
	Acceptance
}

// Adjustment is the k-th correction of the charge of a message, from 1.
type Adjustment struct {
	Message string `json:"message"`
	K       int    `json:"k"`
	Reason  string `json:"reason"` // window:<id>, dlr, manual
}

// CreditRefunded refunds an amount to where the charge took it from.
type CreditRefunded struct {
	Posted
	Adjustment
}

// RefundReversed takes a refund back. Only a window that is amended or revoked with clawback does so.
type RefundReversed struct {
	Posted
	Adjustment
}

// ManualRefundIssued records that a person promised a refund. The refund itself, if one is due, follows.
type ManualRefundIssued struct {
	Posted
	Message   string         `json:"message"`
	RefundKey string         `json:"refund_key"`
	Amount    int64          `json:"amount_micro"`
	Note      domain.Private `json:"note,omitzero"`
}

// NonDeliveryProven records that every accepted attempt ended in a receipt that refunds. It is permanent.
type NonDeliveryProven struct {
	Posted
	Message string `json:"message"`
}

// GoodwillKept records that a window stopped covering a message and the customer keeps the refund. It is permanent.
type GoodwillKept struct {
	Posted
	Message string `json:"message"`
	Window  string `json:"window"`
}

// LowBalanceWarned records that the owner was to be warned of a low balance. It is recorded once until the balance
// has been above the limit again.
type LowBalanceWarned struct {
	Posted
	Available int64 `json:"available_micro"`
	Below     int64 `json:"below_micro"`
}

// PeriodClosed closes a month of statements. That month and all before it never change again.
type PeriodClosed struct {
	Posted
	Period string `json:"period"` // 2026-03
	Zone   string `json:"zone"`
}

// Subject returns the account, whose people write the note.
func (e ManualRefundIssued) Subject() domain.Subject { return domain.StreamOf("account", e.Account) }

func (p Posted) posted() Posted { return p }

// EventType returns the stored name.
func (CreditsPurchased) EventType() string   { return "CreditsPurchased" }
func (CreditsGranted) EventType() string     { return "CreditsGranted" }
func (GrantExpired) EventType() string       { return "GrantExpired" }
func (CreditsHeld) EventType() string        { return "CreditsHeld" }
func (HoldWaived) EventType() string         { return "HoldWaived" }
func (HoldRefused) EventType() string        { return "HoldRefused" }
func (HoldReleased) EventType() string       { return "HoldReleased" }
func (CreditsCharged) EventType() string     { return "CreditsCharged" }
func (ChargeWaived) EventType() string       { return "ChargeWaived" }
func (AcceptanceAbsorbed) EventType() string { return "AcceptanceAbsorbed" }
func (CreditRefunded) EventType() string     { return "CreditRefunded" }
func (RefundReversed) EventType() string     { return "RefundReversed" }
func (ManualRefundIssued) EventType() string { return "ManualRefundIssued" }
func (NonDeliveryProven) EventType() string  { return "NonDeliveryProven" }
func (GoodwillKept) EventType() string       { return "GoodwillKept" }
func (LowBalanceWarned) EventType() string   { return "LowBalanceWarned" }
func (PeriodClosed) EventType() string       { return "PeriodClosed" }
