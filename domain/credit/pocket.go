package credit

import "fmt"

// Pocket is a place for credits, seen from one account: its own four, and those of the system. Every posting moves an
// amount from one pocket to another, so the sum over all pockets is always zero.
type Pocket uint8

// The pockets. Granted credits are kept in lots, and held granted credits remember theirs.
const (
	Paid           Pocket = iota + 1 // purchased, available; below zero is a debt
	Granted                          // given, available, in lots that expire
	HeldPaid                         // reserved by open holds
	HeldGranted                      //
	IssuedPaid                       // where purchases come from; goes negative
	IssuedGranted                    // where grants come from; goes negative
	RevenuePaid                      // captured charges, gross
	RevenueGranted                   //
	RefundsPaid                      // contra-revenue; goes negative
	RefundsGranted                   //
	ExpiredPocket                    // what was left of granted lots when they expired
	pockets        = iota + 1
)

var pocketNames = [pockets]string{
	Paid: "paid", Granted: "granted", HeldPaid: "held:paid", HeldGranted: "held:granted",
	IssuedPaid: "issued:paid", IssuedGranted: "issued:granted", RevenuePaid: "revenue:paid",
	RevenueGranted: "revenue:granted", RefundsPaid: "refunds:paid", RefundsGranted: "refunds:granted",
	ExpiredPocket: "expired",
}

// Own reports whether the pocket belongs to the account, not to the system.
func (p Pocket) Own() bool { return p >= Paid && p <= HeldGranted }

// Of returns the name of the pocket in the books: acct:<id>:held:paid, sys:revenue:paid.
func (p Pocket) Of(account string) string {
	if p.Own() {
		return "acct:" + account + ":" + p.String()
	}
	return "sys:" + p.String()
}

func (p Pocket) String() string {
	if p < Paid || int(p) >= pockets {
		return fmt.Sprintf("pocket %d", p)
	}
	return pocketNames[p]
}

// MarshalText returns the short name.
func (p Pocket) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText parses the short name.
func (p *Pocket) UnmarshalText(text []byte) error {
	for known := Paid; int(known) < pockets; known++ {
		if pocketNames[known] == string(text) {
			*p = known
			return nil
		}
	}
	return fmt.Errorf("credit: unknown pocket %q", text)
}
