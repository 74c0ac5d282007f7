package ledger_test

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
	"github.com/clickbook/clickbook/domain"
)

// oracle computes what each message must finally cost, from the text of the rules and without regard to speed. It
// does not track balances, so it is given the messages that were blocked.
type oracle struct {
	homes   map[string]*time.Location
	windows map[string]*ledger.Fact // nil: revoked
	first   map[string]ledger.Fact  // declarations
	texts   map[string]*oracleText
	refunds bool
}

type oracleText struct {
	account, country string
	price            int64
	state            string
	sent             ledger.Fact
	accepted         []ledger.Whole
	final            map[ledger.Whole]string
	proven, goodwill bool
	keys             map[string]int64
}

func predict(facts []ledger.Fact, blocked map[string]bool, refunds bool) *oracle {
	o := &oracle{
		homes: map[string]*time.Location{}, windows: map[string]*ledger.Fact{}, first: map[string]ledger.Fact{},
		texts: map[string]*oracleText{}, refunds: refunds,
	}
	for _, f := range facts {
		o.see(f, blocked)
		for _, m := range o.texts {
			m.proven = m.proven || m.state == "captured" && o.undelivered(m)
		}
	}
	return o
}

func (o *oracle) undelivered(m *oracleText) bool {
	return o.refunds && len(m.accepted) > 0 && !slices.ContainsFunc(m.accepted, func(a ledger.Whole) bool {
		return m.final[a] != "undelivered" && m.final[a] != "expired"
	})
}

func (o *oracle) see(f ledger.Fact, blocked map[string]bool) {
	m := o.texts[f.Message]
	switch f.Type {
	case "AccountOpened":
		o.homes[f.Account], _ = domain.ParseZone(f.HomeZone)
	case "ReminderQueued":
		if m == nil {
			m = &oracleText{
				account: f.Account, country: f.ToCountry, price: int64(*f.Segments * *f.UnitPrice), state: "open",
				final: map[ledger.Whole]string{}, keys: map[string]int64{},
			}
			if blocked[f.Message] {
				m.state = "blocked"
			}
			o.texts[f.Message] = m
		}
	case "RefundWindowDeclared", "RefundWindowAmended", "RefundWindowRevoked":
		o.change(f)
	}
	if m == nil {
		return
	}
	switch f.Type {
	case "SmsSent":
		m.accepted = append(m.accepted, f.Attempt)
		switch m.state {
		case "open":
			m.sent, m.state = f, "captured"
			if o.covered(m) {
				m.state = "waived"
			}
		case "failed", "blocked":
			m.state = "absorbed"
		}
	case "SmsFailed":
		if m.state == "open" && *f.Final {
			m.state = "failed"
		}
	case "DeliveryReported":
		if f.State != "unknown" && m.final[f.Attempt] == "" {
			m.final[f.Attempt] = f.State
		}
	case "ManualRefundIssued":
		if _, twice := m.keys[f.RefundKey]; !twice && *f.Amount > 0 && m.state == "captured" {
			m.keys[f.RefundKey] = int64(*f.Amount)
		}
	}
}

func (o *oracle) change(f ledger.Fact) {
	was := map[*oracleText]bool{}
	for _, m := range o.texts {
		was[m] = o.covered(m)
	}
	now, known := o.windows[f.Window]
	empty := f.Bounds != nil && f.Bounds.Kind == "instants" && !f.Bounds.Start.Before(f.Bounds.End.Time)
	switch {
	case f.Type == "RefundWindowDeclared" && !known && !empty:
		o.windows[f.Window], o.first[f.Window] = &f, f
	case f.Type == "RefundWindowAmended" && now != nil && !empty:
		o.windows[f.Window] = &f
	case f.Type == "RefundWindowRevoked" && now != nil:
		o.windows[f.Window] = nil
	default:
		return
	}
	for _, m := range o.texts {
		if m.state == "captured" && was[m] && !o.covered(m) && !f.Clawback {
			m.goodwill = true
		}
	}
}

func (o *oracle) covered(m *oracleText) bool {
	for _, w := range o.windows {
		if w == nil || m.sent.SentAt.IsZero() {
			continue
		}
		start, end := w.Bounds.Start.Time, w.Bounds.End.Time
		if w.Bounds.Kind == "local_dates" { // every such day has a midnight
			start = time.Date(2026, 3, 29, 0, 0, 0, 0, o.homes[m.account])
			end = time.Date(2026, 3, 29+int(w.Bounds.Days), 0, 0, 0, 0, o.homes[m.account])
		}
		in := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
		if !m.sent.SentAt.Before(start) && m.sent.SentAt.Before(end) && in(w.Scope.Countries, m.country) &&
			in(w.Scope.Providers, m.sent.Provider) && in(w.Scope.Accounts, m.account) {
			return true
		}
	}
	return false
}

// target returns what must have been refunded.
func (o *oracle) target(m *oracleText) int64 {
	if m.state != "captured" {
		return 0
	}
	if m.proven || m.goodwill || o.covered(m) {
		return m.price
	}
	sum := int64(0)
	for _, amount := range m.keys {
		sum += amount
	}
	return min(m.price, sum)
}
