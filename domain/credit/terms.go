package credit

import "time"

// Terms are what an installation decided about refunds. They are given to the policies, which put what follows into
// each command, so that an event never has to be read together with a setting.
type Terms struct {
	Receipts            Receipts `json:"dlr"`
	ExpiredLotGraceDays int      `json:"expired_lot_grace_days"` // life of a lot opened anew, in days of 24 hours
}

// Receipts say which final words of a provider give a charge back. Unknown is not final, so it never does so by
// itself; the field is there because people ask.
type Receipts struct {
	Undelivered Answer `json:"undelivered"`
	Expired     Answer `json:"expired"`
	Unknown     Answer `json:"unknown"`
}

// Answer is what a receipt does to the charge.
type Answer string

// The two answers.
const (
	Keep   Answer = "keep"
	Refund Answer = "refund"
)

// ProductTerms are the ones of a new installation.
var ProductTerms = Terms{Receipts{Undelivered: Refund, Expired: Refund, Unknown: Keep}, 30}

// AuditTerms are the ones that books are replayed under when nothing else is said.
var AuditTerms = Terms{Receipts{Undelivered: Keep, Expired: Keep, Unknown: Keep}, 30}

// Valid reports whether every answer is keep or refund and the days are possible.
func (t Terms) Valid() bool {
	for _, a := range []Answer{t.Receipts.Undelivered, t.Receipts.Expired, t.Receipts.Unknown} {
		if a != Keep && a != Refund {
			return false
		}
	}
	return t.ExpiredLotGraceDays >= 0 && t.ExpiredLotGraceDays <= 36_600
}

// RefundsOn reports whether a receipt that ended in this state gives the charge back.
func (t Terms) RefundsOn(state string) bool {
	switch state {
	case "undelivered":
		return t.Receipts.Undelivered == Refund
	case "expired":
		return t.Receipts.Expired == Refund
	}
	return false
}

// graceEnd is when a lot opened anew at an instant expires.
func graceEnd(at time.Time, days int) time.Time { return at.Add(time.Duration(days) * 24 * time.Hour) }
