package credit

import (
	"iter"
	"slices"
	"time"
)

// State is the books of an account. It is a value that is never changed in place; states share the unchanged parts of
// their maps.
type State struct {
	paid        int64
	heldPaid    int64
	heldGranted int64
	added       int64       // all ever purchased and granted; the upper limit of owned
	lots        []Lot       // live lots by expiry, then in the order they were opened
	sources     trie[int64] // transactions of purchases, grants and opened lots, with their amounts
	messages    records     // by message id
	words       words       // of the records
	closed      string      // the last closed period
	warned      bool        // of a low balance, since credits were last added
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
	return s.with(e.Message, r).post(e.Postings)
}

func (e HoldWaived) evolve(s State) State {
	return s.with(e.Message, e.record(QueuedNoHold))
}

func (e HoldRefused) evolve(s State) State {
	return s.with(e.Message, e.record(Blocked))
}

func (q Quote) record(stage Stage) record {
	return record{price: q.Price, stage: stage, country: q.Country, home: q.Home}
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
	return s.change(e.Message, func(r *record) { r.stage, r.lots = Failed, nil }).post(e.Postings)
}

func (e CreditsCharged) evolve(s State) State {
	return s.change(e.Message, func(r *record) {
		e.accept(r, e.EffectiveAt, Captured)
		r.lots = lotsOf(e.Postings)
	}).post(e.Postings)
}

func (e ChargeWaived) evolve(s State) State {
	return s.change(e.Message, func(r *record) {
		e.accept(r, e.EffectiveAt, Waived)
		r.lots, r.waivedBy = nil, e.Windows
	}).post(e.Postings)
}

func (e AcceptanceAbsorbed) evolve(s State) State {
	return s.change(e.Message, func(r *record) { e.accept(r, e.EffectiveAt, Absorbed) })
}

func (a Acceptance) accept(r *record, at time.Time, stage Stage) {
	r.stage, r.sentAt, r.provider = stage, at.UnixMicro(), a.Provider
}

func (e CreditRefunded) evolve(s State) State {
	return s.change(e.Message, func(r *record) {
		r.adjustments = uint32(e.K)
		sum := int64(0)
		for _, p := range e.Postings {
			r.refunded = append(r.refunded, moved{p.Lot, p.Amount, p.From == RefundsGranted})
			sum += p.Amount
		}
		r.reversed = pop(r.reversed, sum)
	}).post(e.Postings)
}

func (e RefundReversed) evolve(s State) State {
	return s.change(e.Message, func(r *record) {
		r.adjustments = uint32(e.K)
		sum := int64(0)
		for _, p := range e.Postings {
			r.reversed = append(r.reversed, moved{p.Lot, p.Amount, p.To == RefundsGranted})
			sum += p.Amount
		}
		r.refunded = pop(r.refunded, sum)
	}).post(e.Postings)
}

func (e ManualRefundIssued) evolve(s State) State {
	return s.change(e.Message, func(r *record) {
		r.keys = append(r.keys, e.RefundKey)
		r.manual += min(e.Amount, r.price-r.manual)
	})
}

func (e NonDeliveryProven) evolve(s State) State {
	return s.change(e.Message, func(r *record) { r.nonDelivery = true })
}

func (e GoodwillKept) evolve(s State) State {
	return s.change(e.Message, func(r *record) { r.goodwill = true })
}

func (LowBalanceWarned) evolve(s State) State {
	s.warned = true
	return s
}

func (e PeriodClosed) evolve(s State) State {
	s.closed = e.Period
	return s
}

// record returns what the books know about a message.
func (s State) record(message string) (record, bool) {
	packed, ok := s.messages.get(message)
	if !ok {
		return record{}, false
	}
	return s.words.unpack(packed), true
}

// records iterates over all messages in an order that depends only on their ids.
func (s State) records() iter.Seq2[string, record] {
	return func(yield func(string, record) bool) {
		for message, packed := range s.messages.all() {
			if !yield(message, s.words.unpack(packed)) {
				return
			}
		}
	}
}

func (s State) with(message string, r record) State {
	var packed []byte
	s.words, packed = s.words.pack(r)
	s.messages = s.messages.with(message, packed)
	return s
}

// change replaces the record of a message; the old record stays as it was.
func (s State) change(message string, write func(*record)) State {
	r, _ := s.record(message)
	write(&r)
	return s.with(message, r)
}
