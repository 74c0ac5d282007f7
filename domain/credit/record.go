package credit

import (
	"slices"
	"time"
)

// Stage is how far a message has come in the books.
type Stage uint8

// The stages of a message. Captured, waived and absorbed are final.
const (
	Held         Stage = iota + 1 // a hold is open
	QueuedNoHold                  // a known window covers the planned time
	Captured                      // charged; refunds adjust it
	Waived                        // a known window covered the acceptance: free
	Failed                        // finally failed before any acceptance
	Blocked                       // too few credits
	Absorbed                      // accepted after failing or being blocked: nobody pays
)

var stageNames = []string{"", "held", "queued_no_hold", "captured", "waived", "failed", "blocked", "absorbed"}

func (s Stage) String() string { return stageNames[s] }

// record is what the books know about one message. It is packed when it is kept: see pack.
type record struct {
	price       int64
	sentAt      int64 // Unix microseconds of the first acceptance
	country     string
	provider    string
	home        string
	lots        []part // what a hold or charge took from lots, in order; the rest of the price is paid
	stage       Stage
	nonDelivery bool
	goodwill    bool
	adjustments uint32
	extra
}

// part is an amount taken from a lot.
type part struct {
	Lot    string `json:"lot"`
	Amount int64  `json:"amount_micro"`
}

// extra is what only adjusted or waived messages have.
type extra struct {
	refunded []moved  // refund postings in force, in order
	reversed []moved  // reversal postings in force, in order
	keys     []string // of manual refunds
	manual   int64    // their sum, at most the price
	waivedBy []string
}

func (x extra) isEmpty() bool {
	return x.refunded == nil && x.reversed == nil && x.keys == nil && x.waivedBy == nil
}

// moved is one posting between the account and a refunds pocket of the system.
type moved struct {
	Lot     string `json:"lot,omitempty"` // of the account; none means paid
	Amount  int64  `json:"amount_micro"`
	Granted bool   `json:"granted,omitempty"` // whether the pocket of the system is refunds:granted
}

func (m moved) own() Pocket {
	if m.Lot != "" {
		return Granted
	}
	return Paid
}

func (m moved) refunds() Pocket {
	if m.Granted {
		return RefundsGranted
	}
	return RefundsPaid
}

func total(moves []moved) (sum int64) {
	for _, m := range moves {
		sum += m.Amount
	}
	return sum
}

// pop removes an amount from the end of the moves and returns the rest in a new slice.
func pop(moves []moved, amount int64) []moved {
	left := slices.Clone(moves)
	for amount > 0 && len(left) > 0 {
		last := &left[len(left)-1]
		taken := min(amount, last.Amount)
		amount -= taken
		if last.Amount -= taken; last.Amount == 0 {
			left = left[:len(left)-1]
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

// taken returns everything that the charge took, in order: lots first, then paid.
func (r record) taken() []moved {
	parts := make([]moved, 0, len(r.lots)+1)
	rest := r.price
	for _, p := range r.lots {
		parts = append(parts, moved{Lot: p.Lot, Amount: p.Amount, Granted: true})
		rest -= p.Amount
	}
	if rest > 0 {
		parts = append(parts, moved{Amount: rest})
	}
	return parts
}

// Charge is what the books say about one message.
type Charge struct {
	Message     string
	Stage       Stage
	Price       int64 // micro-credits, as quoted
	Charged     int64 // the price if captured, else 0
	Refunded    int64 // refunded so far
	Manual      int64 // promised by people, at most the price
	Country     string
	Provider    string // of the first acceptance
	Home        string // the account's home zone when it was queued
	SentAt      time.Time
	NonDelivery bool
	Goodwill    bool
	WaivedBy    []string // windows known at the first acceptance
	Adjustments int      // refunds and reversals so far
}

func (r record) charge(message string) Charge {
	c := Charge{
		Message: message, Stage: r.stage, Price: r.price, Refunded: total(r.refunded), Manual: r.manual,
		Country: r.country, Provider: r.provider, Home: r.home, NonDelivery: r.nonDelivery, Goodwill: r.goodwill,
		WaivedBy: r.waivedBy, Adjustments: int(r.adjustments),
	}
	if r.sentAt != 0 {
		c.SentAt = time.UnixMicro(r.sentAt).UTC()
	}
	if r.stage == Captured {
		c.Charged = r.price
	}
	return c
}

// Target returns the amount to be refunded in total: the maximum of what windows cover, what receipts prove, what was
// kept as goodwill, and what people promised. (E in the refund rules.)
func (c Charge) Target(covered bool) int64 {
	switch {
	case c.Stage != Captured:
		return 0
	case covered || c.NonDelivery || c.Goodwill:
		return c.Price
	}
	return min(c.Price, c.Manual)
}
