package credit

import "time"

// Terms are what an installation decided about refunds. Policies put the consequences into each command, so an event
// never has to be read together with a setting.
type Terms struct {
	Receipts            Receipts `json:"dlr"`
	ExpiredLotGraceDays int      `json:"expired_lot_grace_days"` // lifetime of a reopened lot, in days of 24 hours
}

// Receipts says which final receipts refund a charge. Unknown is not final, so it never refunds; the field exists
// because people ask for it.
type Receipts struct {
	Undelivered Answer `json:"undelivered"`
	Expired     Answer `json:"expired"`
	Unknown     Answer `json:"unknown"`
}

// Answer is what a receipt does to the charge.
type Answer string

// What a receipt can do.
const (
	Keep   Answer = "keep"
	Refund Answer = "refund"
)

// ProductTerms are the terms of a new installation.
var ProductTerms = Terms{Receipts{Undelivered: Refund, Expired: Refund, Unknown: Keep}, 30}

// AuditTerms are the default terms for replaying books.
var AuditTerms = Terms{Receipts{Undelivered: Keep, Expired: Keep, Unknown: Keep}, 30}

// Valid reports whether every answer is keep or refund and the number of days is possible.
func (t Terms) Valid() bool {
	for _, a := range []Answer{t.Receipts.Undelivered, t.Receipts.Expired, t.Receipts.Unknown} {
		if a != Keep && a != Refund {
			return false
		}
	}
	return t.ExpiredLotGraceDays >= 0 && t.ExpiredLotGraceDays <= 36_600
}

// RefundsOn reports whether a receipt with this state refunds the charge.
func (t Terms) RefundsOn(state string) bool {
	switch state {
	case "undelivered":
		return t.Receipts.Undelivered == Refund
	case "expired":
		return t.Receipts.Expired == Refund
	}
	return false
}

// graceEnd returns when a lot that is reopened at an instant expires.
func graceEnd(at time.Time, days int) time.Time { return at.Add(time.Duration(days) * 24 * time.Hour) }
