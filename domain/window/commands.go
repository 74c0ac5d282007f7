package window

import "github.com/clickbook/clickbook/domain"

// Refusals of commands about a refund window.
var (
	ErrEmptyWindow = domain.Refuse(domain.Invalid, "empty_window",
		"the window ends before anything can happen in it; let it end after it starts")
	ErrWindowTooLong = domain.Refuse(domain.Invalid, "window_too_long",
		"the window is longer than a century; check the number of days")
	ErrBoundsIncomplete = domain.Refuse(domain.Invalid, "bounds_incomplete",
		"say from when to when: instants with start and end, or local_dates with zone, start_date and days")
	ErrDateMalformed   = domain.Refuse(domain.Invalid, "date_malformed", "write the first date as 2026-03-18")
	ErrWindowIDMissing = domain.Refuse(domain.Invalid, "window_id_required", "give the window an id")
	ErrWindowIDReused  = domain.Refuse(domain.Disallowed, "window_id_reused",
		"a window of this id has other bounds or another scope; amend it, or give the new one its own id")
	ErrWindowRevoked = domain.Refuse(domain.Disallowed, "window_revoked",
		"this window was revoked; declare a new one")
	ErrRefundsKept = domain.Refuse(domain.Disallowed, "refunds_kept",
		"this window was revoked before and its refunds were kept for good; they cannot be taken back")
	ErrRefundsReversed = domain.Refuse(domain.Disallowed, "refunds_reversed",
		"this window was revoked before and its refunds were taken back; to give them again, declare a new window")
	ErrUnknownWindow    = domain.Refuse(domain.Unknown, "unknown_window", "there is no such window; look up its id")
	ErrApprovalRequired = domain.Refuse(domain.Disallowed, "approval_required",
		"a window of this amount needs the approval of a second person; let another admin do the same within a day")
)

// Command is a request to change one refund window.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Declare declares a window.
type Declare struct {
	Window string
	Terms
	Signed
	ApprovalAbove int64 // micro-credits that one person may move alone; 0 means no limit
}

// Amend replaces what a window covers.
type Amend struct {
	Window string
	Terms
	Clawback bool
	Signed
	ApprovalAbove int64
}

// Revoke cancels a window. What it made free when texts were sent stays free.
type Revoke struct {
	Window   string
	Clawback bool
	Signed
	ApprovalAbove int64
}

// Stream returns the stream of the window.
func (c Declare) Stream() domain.Stream { return domain.StreamOf(Category, c.Window) }

// Stream returns the stream of the window.
func (c Amend) Stream() domain.Stream { return domain.StreamOf(Category, c.Window) }

// Stream returns the stream of the window.
func (c Revoke) Stream() domain.Stream { return domain.StreamOf(Category, c.Window) }

func (c Declare) decide(s State) ([]Event, error) {
	if c.Window == "" {
		return nil, ErrWindowIDMissing
	}
	terms, err := c.Terms.normal()
	if err != nil {
		return nil, err
	}
	if s.Exists() {
		if terms.equal(s.Declared) || terms.equal(s.Terms) {
			return nil, nil
		}
		return nil, ErrWindowIDReused
	}
	if err := c.Signed.approved(c.ApprovalAbove); err != nil {
		return nil, err
	}
	return []Event{RefundWindowDeclared{c.Window, terms, c.Signed}}, nil
}

func (c Amend) decide(s State) ([]Event, error) {
	if !s.Exists() {
		return nil, ErrUnknownWindow
	}
	if s.Revoked {
		return nil, ErrWindowRevoked
	}
	terms, err := c.Terms.normal()
	if err != nil || terms.equal(s.Terms) {
		return nil, err
	}
	if err := c.Signed.approved(c.ApprovalAbove); err != nil {
		return nil, err
	}
	return []Event{RefundWindowAmended{c.Window, terms, c.Clawback, c.Signed}}, nil
}

func (c Revoke) decide(s State) ([]Event, error) {
	if !s.Exists() {
		return nil, ErrUnknownWindow
	}
	switch {
	case s.Revoked && c.Clawback == s.Clawback:
		return nil, nil
	case s.Revoked && c.Clawback:
		return nil, ErrRefundsKept
	case s.Revoked:
		return nil, ErrRefundsReversed
	}
	if err := c.Signed.approved(c.ApprovalAbove); err != nil {
		return nil, err
	}
	return []Event{RefundWindowRevoked{c.Window, c.Clawback, c.Signed}}, nil
}

// approved returns ErrApprovalRequired if the preview moves more than one person may, and no second person has
// approved it.
func (s Signed) approved(above int64) error {
	if s.NeedsSecond(above) && (s.ApprovedBy == "" || s.ApprovedBy == s.By) {
		return ErrApprovalRequired
	}
	return nil
}

// NeedsSecond reports whether the preview moves more than one person may. 0 means no limit.
func (s Signed) NeedsSecond(above int64) bool {
	return above > 0 && max(s.Preview.Refunded, s.Preview.Reversed) > above
}
