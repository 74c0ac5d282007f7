package window

import "github.com/clickbook/clickbook/domain"

// Event is anything that can have happened to a refund window.
//
//sumtype:decl
type Event interface {
	domain.Event
	ID() string // of the window
	evolve(State) State
}

// Types lists every event a window stream may hold.
var Types = domain.Types{
	domain.TypeOf[RefundWindowProposed](), domain.TypeOf[RefundWindowDeclared](),
	domain.TypeOf[RefundWindowAmended](), domain.TypeOf[RefundWindowRevoked](),
}

// RefundWindowProposed proposes a window for an outage. It covers nothing until it is declared. It is recorded again,
// with the end, when the outage is over.
type RefundWindowProposed struct {
	Window string          `json:"window"`
	Outage domain.OutageID `json:"outage"`
	Terms
}

// RefundWindowDeclared declares a window. Its id is text, because auditors replay books with their own ids.
type RefundWindowDeclared struct {
	Window string `json:"window"`
	Terms
	Signed
}

// RefundWindowAmended replaces what a window covers.
type RefundWindowAmended struct {
	Window string `json:"window"`
	Terms
	Clawback bool `json:"clawback"` // take back refunds that no window covers any more
	Signed
}

// RefundWindowRevoked cancels a window. What it made free when texts were sent stays free.
type RefundWindowRevoked struct {
	Window   string `json:"window"`
	Clawback bool   `json:"clawback"`
	Signed
}

// Terms are what a window covers.
type Terms struct {
	Scope  Scope  `json:"scope"`
	Bounds Bounds `json:"bounds"`
}

// Signed says what the change was expected to move, who is responsible for it, and why it was made. People are named
// by the ids of their keys.
type Signed struct {
	Preview    Totals `json:"preview,omitzero"`
	By         string `json:"by,omitempty"`
	ApprovedBy string `json:"approved_by,omitempty"` // the second person, if the amount needs one
	Reason     string `json:"reason,omitempty"`
}

// Totals are what a change of windows moves, in the preview or in the run.
type Totals struct {
	Accounts int   `json:"accounts"`
	Messages int   `json:"messages"`
	Refunded int64 `json:"refunded_micro"`
	Reversed int64 `json:"reversed_micro,omitzero"`
}

// Plus returns the sum of two totals.
func (t Totals) Plus(o Totals) Totals {
	return Totals{t.Accounts + o.Accounts, t.Messages + o.Messages, t.Refunded + o.Refunded, t.Reversed + o.Reversed}
}

// ID returns the id of the window.
func (e RefundWindowProposed) ID() string { return e.Window }

// ID returns the id of the window.
func (e RefundWindowDeclared) ID() string { return e.Window }

// ID returns the id of the window.
func (e RefundWindowAmended) ID() string { return e.Window }

// ID returns the id of the window.
func (e RefundWindowRevoked) ID() string { return e.Window }

// EventType returns the stored name.
func (RefundWindowProposed) EventType() string { return "RefundWindowProposed" }
func (RefundWindowDeclared) EventType() string { return "RefundWindowDeclared" }
func (RefundWindowAmended) EventType() string  { return "RefundWindowAmended" }
func (RefundWindowRevoked) EventType() string  { return "RefundWindowRevoked" }
