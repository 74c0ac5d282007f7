package jsonlines

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/charging"
	"github.com/clickbook/clickbook/domain/policy/refunding"
)

// item is something that a person should look at: the books are right, but a provider may ask for more.
type item struct {
	Kind     string `json:"kind"` // segment_mismatch, duplicate_acceptance, accepted_after_final_failure
	Message  string `json:"message"`
	Attempt  Whole  `json:"attempt,omitempty"`
	Quoted   Whole  `json:"quoted,omitempty"`   // segments we charged
	Provider any    `json:"provider,omitempty"` // its name; in a segment_mismatch, the segments it counted
}

// carry follows a message on its way: taken by a provider, failed, reported on.
func (l *ledger) carry(f Fact) error {
	t, known := l.texts[f.Message]
	if !known {
		return errUnknownMessage
	}
	charge, _ := l.accounts[t.account].state.Charge(f.Message)
	why := because(f, t.account)
	switch f.Type {
	case "SmsFailed":
		if f.Final != nil && !*f.Final {
			return nil
		}
		return l.do(charging.OnFailed(l.terms, why, f.Message))
	case "SmsSent":
		l.inspect(f, t, charge)
		t.facts = t.facts.Accepted(int(f.Attempt))
		err := l.do(charging.OnAccepted(l.known, l.terms, why, charge, charging.Accepted{
			Message: f.Message, Attempt: int(f.Attempt), Provider: f.Provider, SentAt: f.SentAt.Time,
		}))
		if err != nil {
			return err
		}
	case "DeliveryReported":
		t.facts = t.facts.Reported(int(f.Attempt), f.State)
	}
	if ask, proven := refunding.OnAttempt(l.terms, why, f.Message, t.facts); proven {
		return l.do(ask)
	}
	return nil
}

// inspect notes what an acceptance has odd about it.
func (l *ledger) inspect(f Fact, t *text, charge credit.Charge) {
	counted := f.ProviderSegments
	if counted == nil {
		counted = f.Segments
	}
	if counted != nil && *counted != t.segments {
		l.items = append(l.items, item{Kind: "segment_mismatch", Message: f.Message, Quoted: t.segments, Provider: *counted})
	}
	accepted := acceptance{f.Attempt, f.Provider}
	if slices.Contains(t.accepted, accepted) {
		return
	}
	switch {
	case charge.Stage == credit.Failed || charge.Stage == credit.Absorbed && t.failed:
		t.failed = true
		l.items = append(l.items, item{
			Kind: "accepted_after_final_failure", Message: f.Message, Attempt: f.Attempt, Provider: f.Provider,
		})
	case len(t.accepted) > 0:
		l.items = append(l.items, item{
			Kind: "duplicate_acceptance", Message: f.Message, Attempt: f.Attempt, Provider: f.Provider,
		})
	}
	t.accepted = append(t.accepted, accepted)
}

func (l *ledger) refund(f Fact) error {
	t, known := l.texts[f.Message]
	if !known {
		return credit.ErrNothingCharged
	}
	return l.do(credit.RefundManually{
		Because: because(f, t.account), Message: f.Message, RefundKey: f.RefundKey, Amount: int64(*f.Amount),
		Note: domain.Secret(f.Reason), GraceDays: l.terms.ExpiredLotGraceDays,
	})
}
