package window

import "github.com/clickbook/clickbook/domain"

// Event is what can have happened to a refund window.
type Event interface {
	domain.Event
	ID() string // of the window
	evolve(State) State
}

// Types lists every event a window stream may hold.
var Types = domain.Types{
	domain.TypeOf[RefundWindowDeclared](), domain.TypeOf[RefundWindowAmended](), domain.TypeOf[RefundWindowRevoked](),
}

// RefundWindowDeclared begins a window. Its id is a text, for auditors replay books with their own ids.
type RefundWindowDeclared struct {
	Window string `json:"window"`
	Terms
	Signed
}

// RefundWindowAmended replaces what a window covers.
type RefundWindowAmended struct {
	Window string `json:"window"`
	Terms
	Clawback bool `json:"clawback"` // take back refunds that no window explains any more
	Signed
}

// RefundWindowRevoked ends a window as if it had never been; what it made free before sending stays free.
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

// Signed says what was to be expected and who answers for it. People are named by their keys' ids.
type Signed struct {
	Preview    Totals `json:"preview,omitzero"`
	By         string `json:"by,omitempty"`
	ApprovedBy string `json:"approved_by,omitempty"` // the second person, where the amount needs one
}

// Totals are what a change of windows moves: by the preview, or by the run itself.
type Totals struct {
	Accounts int   `json:"accounts"`
	Messages int   `json:"messages"`
	Refunded int64 `json:"refunded_micro"`
	Reversed int64 `json:"reversed_micro,omitzero"`
}

// Plus adds what the next account brings.
func (t Totals) Plus(o Totals) Totals {
	return Totals{t.Accounts + o.Accounts, t.Messages + o.Messages, t.Refunded + o.Refunded, t.Reversed + o.Reversed}
}

// ID is the window's.
func (e RefundWindowDeclared) ID() string { return e.Window }

// ID is the window's.
func (e RefundWindowAmended) ID() string { return e.Window }

// ID is the window's.
func (e RefundWindowRevoked) ID() string { return e.Window }

// EventType names are the stored names.
func (RefundWindowDeclared) EventType() string { return "RefundWindowDeclared" }
func (RefundWindowAmended) EventType() string  { return "RefundWindowAmended" }
func (RefundWindowRevoked) EventType() string  { return "RefundWindowRevoked" }
