package window

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about a proposed window.
var (
	ErrNotProposed = domain.Refuse(domain.Disallowed, "window_not_proposed",
		"no outage has proposed this window; declare one instead")
	ErrOutageRequired = domain.Refuse(domain.Invalid, "window_outage_required",
		"a window is proposed for an outage; name it")
)

// Proposal is a window that an outage has proposed. Its bounds have no end while the outage lasts. The zero value is
// none.
type Proposal struct {
	Outage domain.OutageID
	Terms  Terms
}

// IsZero reports whether nothing was proposed.
func (p Proposal) IsZero() bool { return p.Outage.IsZero() }

// open reports whether the outage lasts.
func (p Proposal) open() bool { return p.Terms.Bounds.End.IsZero() }

// until returns the terms with an end, if they have none yet.
func (p Proposal) until(end time.Time) Terms {
	terms := p.Terms
	if p.open() {
		terms.Bounds.End = domain.Microseconds(end)
	}
	return terms
}

// Propose proposes a window for an outage that began at From. The outage lasts: Close ends the window with it. A
// proposal has no effect until it is approved, and a second one for the same window has none at all.
type Propose struct {
	Window string
	Outage domain.OutageID
	Scope  Scope
	From   time.Time
}

// Approve declares a proposed window. If the outage lasts, the window ends at Until, or with Close before that.
type Approve struct {
	Window string
	Until  time.Time
	Signed
	ApprovalAbove int64
}

// Close ends a window with its outage, whether it is proposed or approved. It has no effect on a window that somebody
// has amended or revoked since, or that has an end of its own.
type Close struct {
	Window string
	At     time.Time
	Signed
}

// Stream returns the stream of the window.
func (c Propose) Stream() domain.Stream { return domain.StreamOf(Category, c.Window) }

// Stream returns the stream of the window.
func (c Approve) Stream() domain.Stream { return domain.StreamOf(Category, c.Window) }

// Stream returns the stream of the window.
func (c Close) Stream() domain.Stream { return domain.StreamOf(Category, c.Window) }

func (c Propose) decide(s State) ([]Event, error) {
	switch {
	case c.Window == "":
		return nil, ErrWindowIDMissing
	case c.Outage.IsZero():
		return nil, ErrOutageRequired
	case c.From.IsZero():
		return nil, ErrBoundsIncomplete
	case s.Exists() || !s.Proposal.IsZero():
		return nil, nil
	}
	scope, err := c.Scope.normal()
	if err != nil {
		return nil, err
	}
	return []Event{RefundWindowProposed{Window: c.Window, Outage: c.Outage, Terms: Terms{
		Scope: scope, Bounds: Bounds{Kind: Instants, Start: domain.Microseconds(c.From)},
	}}}, nil
}

func (c Approve) decide(s State) ([]Event, error) {
	if s.Proposal.IsZero() {
		return nil, ErrNotProposed
	}
	if s.Exists() {
		return nil, nil
	}
	terms, err := s.Proposal.until(c.Until).normal()
	if err != nil {
		return nil, err
	}
	if err := c.Signed.approved(c.ApprovalAbove); err != nil {
		return nil, err
	}
	return []Event{RefundWindowDeclared{c.Window, terms, c.Signed}}, nil
}

func (c Close) decide(s State) ([]Event, error) {
	if s.Proposal.IsZero() || !s.Proposal.open() || !s.Proposal.Terms.Bounds.Start.Before(domain.Microseconds(c.At)) {
		return nil, nil
	}
	terms := s.Proposal.until(c.At)
	switch {
	case !s.Exists():
		return []Event{RefundWindowProposed{Window: c.Window, Outage: s.Proposal.Outage, Terms: terms}}, nil
	case s.Revoked, !s.Terms.equal(s.Declared), !terms.Bounds.End.Before(s.Terms.Bounds.End):
		return nil, nil
	}
	return []Event{RefundWindowAmended{Window: c.Window, Terms: terms, Signed: c.Signed}}, nil
}
