package credit

import (
	"slices"
	"time"
	"unique"
)

// Stage is how far a message has come in the books.
type Stage uint8

// The stages of a message. Captured, waived and absorbed are final.
const (
	Held         Stage = iota + 1 // a hold is open
	QueuedNoHold                  // a known window covers the planned time
	Captured                      // charged; refunds adjust it
	Waived                        // a known window covered the acceptance: free for ever
	Failed                        // finally failed before any acceptance
	Blocked                       // too few credits
	Absorbed                      // accepted after failing or being blocked: nobody pays
)

var stageNames = []string{"", "held", "queued_no_hold", "captured", "waived", "failed", "blocked", "absorbed"}

func (s Stage) String() string { return stageNames[s] }

// record is what the books know of one message. There may be a hundred thousand in an account, so it is small: what
// few messages have stands in extra, and places are shared between all messages that went the same way.
type record struct {
	price       int64
	sentAt      int64 // Unix microseconds of the first acceptance
	place       unique.Handle[place]
	lots        []part // what a hold or charge took from lots, in that order; paid is the rest of the price
	extra       *extra // never written to once shared
	stage       Stage
	nonDelivery bool
	goodwill    bool
	adjustments uint32
}

type place struct{ country, provider, home string }

// part is an amount taken from a lot.
type part struct {
	Lot    string `json:"lot"`
	Amount int64  `json:"amount_micro"`
}

// extra is what only adjusted or waived messages have.
type extra struct {
	refunded []moved  // refund postings that stand, in order
	reversed []moved  // reversal postings that stand, in order
	keys     []string // of manual refunds
	manual   int64    // their sum, at most the price
	waivedBy []string
}

// moved is one posting between an account and the refunds pocket of the system.
type moved struct {
	Lot     string `json:"lot,omitempty"` // on the account's side; paid where there is none
	Amount  int64  `json:"amount_micro"`
	Granted bool   `json:"granted,omitempty"` // whether the system's side is refunds:granted
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

// where is the place, also of a record that nothing was queued for.
func (r record) where() place {
	if r.place == (unique.Handle[place]{}) {
		return place{}
	}
	return r.place.Value()
}

func (r record) more() extra {
	if r.extra == nil {
		return extra{}
	}
	return *r.extra
}

func total(moves []moved) (sum int64) {
	for _, m := range moves {
		sum += m.Amount
	}
	return sum
}

// pop takes an amount off the end of the moves and answers what is left, in a slice of its own.
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

// taken is everything the charge took, in order: lots first, then paid.
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

// Charge is what the books say of one message.
type Charge struct {
	Message     string
	Stage       Stage
	Price       int64 // micro-credits, as quoted
	Charged     int64 // the price when captured, else 0
	Refunded    int64 // what has been given back of it so far
	Manual      int64 // what people promised back, at most the price
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
	at, more := r.where(), r.more()
	c := Charge{
		Message: message, Stage: r.stage, Price: r.price, Refunded: total(more.refunded), Manual: more.manual,
		Country: at.country, Provider: at.provider, Home: at.home, NonDelivery: r.nonDelivery, Goodwill: r.goodwill,
		WaivedBy: more.waivedBy, Adjustments: int(r.adjustments),
	}
	if r.sentAt != 0 {
		c.SentAt = time.UnixMicro(r.sentAt).UTC()
	}
	if r.stage == Captured {
		c.Charged = r.price
	}
	return c
}

// Target is E, what is to be given back in all: the greatest of what covers it, what its receipts say, what was left
// as goodwill, and what people promised.
func (c Charge) Target(covered bool) int64 {
	switch {
	case c.Stage != Captured:
		return 0
	case covered || c.NonDelivery || c.Goodwill:
		return c.Price
	}
	return min(c.Price, c.Manual)
}
