package credit

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// At returns the books without the lots that have expired by now. A lot pays only while it is valid, even if no
// GrantExpired was recorded for it yet.
func (s State) At(now time.Time) State {
	s.lots = slices.DeleteFunc(slices.Clone(s.lots), func(l Lot) bool { return l.Expired(now) })
	return s
}

// Expired reports whether the lot has ended by now. An expiry is the first instant at which it does not pay.
func (l Lot) Expired(now time.Time) bool { return !l.ExpiresAt.IsZero() && !l.ExpiresAt.After(now) }

// Paid returns the purchased credits that are available. Below zero it is a debt.
func (s State) Paid() int64 { return s.paid }

// Granted returns the granted credits that are available.
func (s State) Granted() (sum int64) {
	for _, lot := range s.lots {
		sum += lot.Amount
	}
	return sum
}

// Held returns the credits reserved by open holds.
func (s State) Held() int64 { return s.heldPaid + s.heldGranted }

// Available returns paid and granted credits.
func (s State) Available() int64 { return s.paid + s.Granted() }

// Owned returns the balance of the customer: available and held credits.
func (s State) Owned() int64 { return s.Available() + s.Held() }

// Lots returns the live lots in the order they are used.
func (s State) Lots() []Lot { return slices.Clone(s.lots) }

// Charge returns what the books say about a message.
func (s State) Charge(message string) (Charge, bool) {
	r, ok := s.record(message)
	if !ok {
		return Charge{}, false
	}
	return r.charge(message), true
}

// EachCharge iterates over all messages, in no order that means something.
func (s State) EachCharge() iter.Seq[Charge] {
	return func(yield func(Charge) bool) {
		for id, r := range s.records() {
			if !yield(r.charge(id)) {
				return
			}
		}
	}
}

// Charges returns all messages by id.
func (s State) Charges() []Charge {
	charges := slices.AppendSeq(make([]Charge, 0, s.messages.size), s.EachCharge())
	slices.SortFunc(charges, func(a, b Charge) int { return strings.Compare(a.Message, b.Message) })
	return charges
}

// Captured returns the charged messages for which a function returns true, in the order of adjustments: by charge
// instant, then id. Of the million messages of an account, a window may concern a few.
func (s State) Captured(such func(Charge) bool) []Charge {
	var charges []Charge
	for id, r := range s.records() {
		if r.stage != Captured {
			continue
		}
		if charge := r.charge(id); such(charge) {
			charges = append(charges, charge)
		}
	}
	slices.SortFunc(charges, func(a, b Charge) int {
		return cmp.Or(a.SentAt.Compare(b.SentAt), strings.Compare(a.Message, b.Message))
	})
	return charges
}

func (s State) isLive(lot string) bool {
	return slices.ContainsFunc(s.lots, func(l Lot) bool { return l.ID == lot })
}

func (s State) inLot(lot string) int64 {
	for _, l := range s.lots {
		if l.ID == lot {
			return l.Amount
		}
	}
	return 0
}
