package credit

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Event is what can have happened to an account's credits.
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
	domain.TypeOf[LowBalanceWarned]().Retired(), domain.TypeOf[PeriodClosed](),
}

// Posted is what every event of the books says: whose they are, which fact made it, since when it is true, when it
// was written down, and what it moves. Ids are texts, not UUIDs, because auditors replay books with their own ids.
type Posted struct {
	Account     string    `json:"account"`
	Cause       string    `json:"cause"` // id of the event that made this one
	EffectiveAt time.Time `json:"effective_at"`
	RecordedAt  time.Time `json:"recorded_at"`
	Postings    []Posting `json:"postings,omitempty"`
}

// Posting moves an amount (micro-credits, above zero) between pockets. LotExpiresAt is there when it opens the lot.
type Posting struct {
	From         Pocket    `json:"from"`
	To           Pocket    `json:"to"`
	Amount       int64     `json:"amount_micro"`
	Lot          string    `json:"lot,omitempty"`
	LotExpiresAt time.Time `json:"lot_expires_at,omitzero"`
}

// Quote is what a message costs, fixed when it was queued, and where it goes: what coverage is decided by.
type Quote struct {
	Message string `json:"message"`
	Price   int64  `json:"price_micro"` // segments × price of one
	Country string `json:"country"`     // ISO 3166-1 of the destination
	Home    string `json:"home"`        // the account's home zone then; a later move does not change the past
}

// Acceptance is a provider taking a message; its instant is the EffectiveAt beside it.
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

// CreditsGranted opens a lot of given credits. Without an expiry it lasts.
type CreditsGranted struct {
	Posted
	Grant     string    `json:"grant"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// GrantExpired ends a lot. What was left in it is gone; what is held of it may still be charged.
type GrantExpired struct {
	Posted
	Grant string `json:"grant"`
}

// CreditsHeld reserves the price of a queued message.
type CreditsHeld struct {
	Posted
	Quote
}

// HoldWaived says that nothing need be held: a known window covers the time the message is planned for.
type HoldWaived struct {
	Posted
	Quote
	Windows []string `json:"windows"`
}

// HoldRefused says that there are too few credits: the message must not be sent.
type HoldRefused struct {
	Posted
	Quote
	Available int64 `json:"available_micro"`
}

// HoldReleased says that a message finally failed before any provider took it: it costs nothing. It moves nothing
// when nothing had been held.
type HoldReleased struct {
	Posted
	Message string `json:"message"`
}

// CreditsCharged takes the price at the first acceptance, once.
type CreditsCharged struct {
	Posted
	Acceptance
}

// ChargeWaived says that a known window covers the first acceptance: a hold is given back and the message stays free.
type ChargeWaived struct {
	Posted
	Acceptance
	Windows []string `json:"windows"`
}

// AcceptanceAbsorbed says that a provider took a message that had failed or was never to be sent: nobody pays.
type AcceptanceAbsorbed struct {
	Posted
	Acceptance
}

// Adjustment is the k-th correction of a message's charge, from 1.
type Adjustment struct {
	Message string `json:"message"`
	K       int    `json:"k"`
	Reason  string `json:"reason"` // window:<id>, dlr, manual
}

// CreditRefunded gives back, to where the charge took it from.
type CreditRefunded struct {
	Posted
	Adjustment
}

// RefundReversed takes a refund back, which only an amended or revoked window with clawback can ask for.
type RefundReversed struct {
	Posted
	Adjustment
}

// ManualRefundIssued says that a person promised an amount back. The refund itself, where one is due, follows.
type ManualRefundIssued struct {
	Posted
	Message   string         `json:"message"`
	RefundKey string         `json:"refund_key"`
	Amount    int64          `json:"amount_micro"`
	Note      domain.Private `json:"note,omitzero"`
}

// NonDeliveryProven says that every accepted attempt ended in a receipt that refunds. It holds for ever.
type NonDeliveryProven struct {
	Posted
	Message string `json:"message"`
}

// GoodwillKept says that a window stopped covering a message whose refund the customer keeps. It holds for ever.
type GoodwillKept struct {
	Posted
	Message string `json:"message"`
	Window  string `json:"window"`
}

// LowBalanceWarned says that the owner was to be told. It is said once until the balance has been above again.
type LowBalanceWarned struct {
	Posted
	Available int64 `json:"available_micro"`
	Below     int64 `json:"below_micro"`
}

// PeriodClosed ends a month of statements: it and all before it never change again.
type PeriodClosed struct {
	Posted
	Period string `json:"period"` // 2026-03
	Zone   string `json:"zone"`
}

// Subject is the account: a note is written by its people.
func (e ManualRefundIssued) Subject() domain.Subject { return domain.StreamOf("account", e.Account) }

func (p Posted) posted() Posted { return p }

// EventType names are the stored names.
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
