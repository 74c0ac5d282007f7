package ledger

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/charging"
	"github.com/clickbook/clickbook/domain/policy/refunding"
)

// messageFacts are what the facts say about a message and the credits do not know.
type messageFacts struct {
	account  string
	segments Whole
	delivery refunding.Facts
	accepted []acceptance
	failed   bool // accepted although it had finally failed
}

type acceptance struct {
	attempt  Whole
	provider string
}

// item asks a person to check something: the books are correct, but a provider may charge more.
type item struct {
	Kind     string `json:"kind"` // segment_mismatch, duplicate_acceptance, accepted_after_final_failure
	Message  string `json:"message"`
	Attempt  Whole  `json:"attempt,omitempty"`
	Quoted   Whole  `json:"quoted,omitempty"`   // segments we charged
	Provider any    `json:"provider,omitempty"` // its name; in a segment_mismatch, the segments it counted
}

func (r *replay) queue(f Fact) error {
	b, ok := r.accounts[f.Account]
	if !ok {
		return errUnknownAccount
	}
	if _, twice := r.messages[f.Message]; twice {
		return nil
	}
	err := r.do(charging.OnQueued(r.windows, because(f, f.Account), charging.Queued{
		Message: f.Message, Segments: int64(*f.Segments), UnitPrice: int64(*f.UnitPrice), Country: f.ToCountry,
		Home: b.home, PlannedFor: f.ScheduledFor.Time,
	}))
	if err == nil {
		r.messages[f.Message] = &messageFacts{account: f.Account, segments: *f.Segments}
	}
	return err
}

// message takes what happened to a queued message: a provider accepted it, it failed, or a receipt came.
func (r *replay) message(f Fact) error {
	m, known := r.messages[f.Message]
	if !known {
		return errUnknownMessage
	}
	charge, _ := r.accounts[m.account].state.Charge(f.Message)
	why := because(f, m.account)
	switch f.Type {
	case "SmsFailed":
		if f.Final != nil && !*f.Final {
			return nil
		}
		return r.do(charging.OnFailed(r.terms, why, f.Message))
	case "SmsSent":
		r.inspect(f, m, charge)
		m.delivery = m.delivery.Accepted(int(f.Attempt))
		err := r.do(charging.OnAccepted(r.windows, r.terms, why, charge, charging.Accepted{
			Message: f.Message, Attempt: int(f.Attempt), Provider: f.Provider, SentAt: f.SentAt.Time,
		}))
		if err != nil {
			return err
		}
	case "DeliveryReported":
		m.delivery = m.delivery.Reported(int(f.Attempt), f.State)
	}
	if command, proven := refunding.OnAttempt(r.terms, why, f.Message, m.delivery); proven {
		return r.do(command)
	}
	return nil
}

// inspect adds an item for each oddity of an acceptance.
func (r *replay) inspect(f Fact, m *messageFacts, charge credit.Charge) {
	counted := f.ProviderSegments
	if counted == nil {
		counted = f.Segments
	}
	if counted != nil && *counted != m.segments {
		r.items = append(r.items, item{Kind: "segment_mismatch", Message: f.Message, Quoted: m.segments, Provider: *counted})
	}
	accepted := acceptance{f.Attempt, f.Provider}
	if slices.Contains(m.accepted, accepted) {
		return
	}
	switch {
	case charge.Stage == credit.Failed || charge.Stage == credit.Absorbed && m.failed:
		m.failed = true
		r.items = append(r.items, item{
			Kind: "accepted_after_final_failure", Message: f.Message, Attempt: f.Attempt, Provider: f.Provider,
		})
	case len(m.accepted) > 0:
		r.items = append(r.items, item{
			Kind: "duplicate_acceptance", Message: f.Message, Attempt: f.Attempt, Provider: f.Provider,
		})
	}
	m.accepted = append(m.accepted, accepted)
}

func (r *replay) refund(f Fact) error {
	m, known := r.messages[f.Message]
	if !known {
		return credit.ErrNothingCharged
	}
	return r.do(credit.RefundManually{
		Because: because(f, m.account), Message: f.Message, RefundKey: f.RefundKey, Amount: int64(*f.Amount),
		Note: domain.Secret(f.Reason), GraceDays: r.terms.ExpiredLotGraceDays,
	})
}
