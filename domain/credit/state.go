package credit

import (
	"slices"
	"time"
	"unique"
)

// State is the books of an account. It is a value that is never changed in place; states share the unchanged parts of
// their maps.
type State struct {
	paid        int64
	heldPaid    int64
	heldGranted int64
	added       int64        // all ever purchased and granted; the upper limit of owned
	lots        []Lot        // live lots by expiry, then in the order they were opened
	sources     trie[int64]  // transactions of purchases, grants and opened lots, with their amounts
	messages    trie[record] // by message id
	closed      string       // the last closed period
	warned      bool         // of a low balance, since credits were last added
}

// Lot is granted credits that expire together. An expired lot is not listed.
type Lot struct {
	ID        string    `json:"id"`
	Amount    int64     `json:"amount_micro"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero means never
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// post moves credits. It copies the lots, because earlier states keep theirs.
func (s State) post(postings []Posting) State {
	if len(postings) == 0 {
		return s
	}
	s.lots = slices.Clone(s.lots)
	for _, p := range postings {
		s.move(p.From, p.Lot, -p.Amount, time.Time{})
		s.move(p.To, p.Lot, p.Amount, p.LotExpiresAt)
	}
	return s
}

func (s *State) move(pocket Pocket, lot string, amount int64, expires time.Time) {
	switch pocket {
	case Paid:
		s.paid += amount
	case HeldPaid:
		s.heldPaid += amount
	case HeldGranted:
		s.heldGranted += amount
	case Granted:
		i := slices.IndexFunc(s.lots, func(l Lot) bool { return l.ID == lot })
		if i < 0 {
			s.open(Lot{lot, amount, expires})
			return
		}
		s.lots[i].Amount += amount
	case IssuedPaid, IssuedGranted, RevenuePaid, RevenueGranted, RefundsPaid, RefundsGranted, ExpiredPocket:
		// the other side of a line: the books of the account do not need its sum
	}
}

// open inserts a lot after all that expire no later.
func (s *State) open(lot Lot) {
	i := slices.IndexFunc(s.lots, func(l Lot) bool { return expiresBefore(lot, l) })
	if i < 0 {
		i = len(s.lots)
	}
	s.lots = slices.Insert(s.lots, i, lot)
	s.sources = s.sources.with(Tx("grant", lot.ID, 0), lot.Amount)
}

func expiresBefore(a, b Lot) bool {
	return !a.ExpiresAt.IsZero() && (b.ExpiresAt.IsZero() || a.ExpiresAt.Before(b.ExpiresAt))
}

func (e CreditsPurchased) evolve(s State) State {
	s.sources = s.sources.with(Tx("purchase", e.Purchase, 0), e.Postings[0].Amount)
	s.added += e.Postings[0].Amount
	s.warned = false
	return s.post(e.Postings)
}

func (e CreditsGranted) evolve(s State) State {
	s.lots = slices.Clone(s.lots)
	s.open(Lot{ID: e.Grant, ExpiresAt: e.ExpiresAt})
	s.sources = s.sources.with(Tx("grant", e.Grant, 0), e.Postings[0].Amount)
	s.added += e.Postings[0].Amount
	s.warned = false
	return s.post(e.Postings)
}

func (e GrantExpired) evolve(s State) State {
	s = s.post(e.Postings)
	s.lots = slices.DeleteFunc(slices.Clone(s.lots), func(l Lot) bool { return l.ID == e.Grant })
	if len(s.lots) == 0 {
		s.lots = nil
	}
	return s
}

func (e CreditsHeld) evolve(s State) State {
	r := e.record(Held)
	r.lots = lotsOf(e.Postings)
	s.messages = s.messages.with(e.Message, r)
	return s.post(e.Postings)
}

func (e HoldWaived) evolve(s State) State {
	s.messages = s.messages.with(e.Message, e.record(QueuedNoHold))
	return s
}

func (e HoldRefused) evolve(s State) State {
	s.messages = s.messages.with(e.Message, e.record(Blocked))
	return s
}

func (q Quote) record(stage Stage) record {
	return record{price: q.Price, stage: stage, place: unique.Make(place{country: q.Country, home: q.Home})}
}

func lotsOf(postings []Posting) (lots []part) {
	for _, p := range postings {
		if p.Lot != "" {
			lots = append(lots, part{p.Lot, p.Amount})
		}
	}
	return lots
}

func (e HoldReleased) evolve(s State) State {
	return s.change(e.Message, func(r *record, _ *extra) { r.stage, r.lots = Failed, nil }).post(e.Postings)
}

func (e CreditsCharged) evolve(s State) State {
	return s.change(e.Message, func(r *record, _ *extra) {
		e.accept(r, e.EffectiveAt, Captured)
		r.lots = lotsOf(e.Postings)
	}).post(e.Postings)
}

func (e ChargeWaived) evolve(s State) State {
	return s.change(e.Message, func(r *record, x *extra) {
		e.accept(r, e.EffectiveAt, Waived)
		r.lots, x.waivedBy = nil, e.Windows
	}).post(e.Postings)
}

func (e AcceptanceAbsorbed) evolve(s State) State {
	return s.change(e.Message, func(r *record, _ *extra) { e.accept(r, e.EffectiveAt, Absorbed) })
}

func (a Acceptance) accept(r *record, at time.Time, stage Stage) {
	went := r.where()
	went.provider = a.Provider
	r.stage, r.sentAt, r.place = stage, at.UnixMicro(), unique.Make(went)
}

func (e CreditRefunded) evolve(s State) State {
	return s.change(e.Message, func(r *record, x *extra) {
		r.adjustments = uint32(e.K)
		x.refunded = slices.Clone(x.refunded)
		sum := int64(0)
		for _, p := range e.Postings {
			x.refunded = append(x.refunded, moved{p.Lot, p.Amount, p.From == RefundsGranted})
			sum += p.Amount
		}
		x.reversed = pop(x.reversed, sum)
	}).post(e.Postings)
}

func (e RefundReversed) evolve(s State) State {
	return s.change(e.Message, func(r *record, x *extra) {
		r.adjustments = uint32(e.K)
		x.reversed = slices.Clone(x.reversed)
		sum := int64(0)
		for _, p := range e.Postings {
			x.reversed = append(x.reversed, moved{p.Lot, p.Amount, p.To == RefundsGranted})
			sum += p.Amount
		}
		x.refunded = pop(x.refunded, sum)
	}).post(e.Postings)
}

func (e ManualRefundIssued) evolve(s State) State {
	return s.change(e.Message, func(r *record, x *extra) {
		x.keys = append(slices.Clone(x.keys), e.RefundKey)
		x.manual += min(e.Amount, r.price-x.manual)
	})
}

func (e NonDeliveryProven) evolve(s State) State {
	return s.change(e.Message, func(r *record, _ *extra) { r.nonDelivery = true })
}

func (e GoodwillKept) evolve(s State) State {
	return s.change(e.Message, func(r *record, _ *extra) { r.goodwill = true })
}

func (LowBalanceWarned) evolve(s State) State {
	s.warned = true
	return s
}

func (e PeriodClosed) evolve(s State) State {
	s.closed = e.Period
	return s
}

// change replaces the record of a message; the old record stays as it was.
func (s State) change(message string, write func(*record, *extra)) State {
	r, _ := s.messages.get(message)
	x := r.more()
	write(&r, &x)
	r.extra = nil
	if x.refunded != nil || x.reversed != nil || x.keys != nil || x.waivedBy != nil {
		r.extra = &x
	}
	s.messages = s.messages.with(message, r)
	return s
}
