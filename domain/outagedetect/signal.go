package outagedetect

import "time"

// Change is the kind of a signal.
type Change string

// The signals of a cell. A suspicion ends with confirmed or cleared, a confirmed outage with cleared. When a larger
// cell is confirmed, the smaller ones inside it are cleared at the same time.
const (
	Suspected Change = "suspected"
	Confirmed Change = "confirmed"
	Cleared   Change = "cleared"
)

// Cause is why messages do not arrive.
type Cause string

// The causes. With ReceiptsOnly, messages arrive and only their receipts are missing: do not fail over, do not refund.
const (
	Blocked       Cause = "blocked"
	Silent        Cause = "silent"
	ReceiptsOnly  Cause = "receipts-only"
	Configuration Cause = "configuration"
)

// Signal is a change of one cell.
type Signal struct {
	At          time.Time
	Kind        Change
	Cell        Cell
	ChangePoint time.Time // estimated begin of the outage
	Cause       Cause     // of Confirmed, and of Cleared after it
	S           float64   // the statistic, in nats
	Evidence    Evidence
}

// Evidence is what the statistic rests on, counted from the change point. Accounts and Numbers are estimates above
// three.
type Evidence struct {
	Messages     int     `json:"messages"`
	Failed       int     `json:"failed"`
	Silent       int     `json:"silent"` // older than a minute, without a receipt
	Accounts     int     `json:"accounts"`
	Numbers      int     `json:"numbers"`
	FailureShare float64 `json:"failure_share"` // of failures in the statistic, 0 to 1
}

// Poll asks for the status of a message at its provider. Observe PolledDelivered or PolledOpen with the result.
type Poll struct {
	Provider, Message string
	Cell              Cell // whose cause it helps to find
}

// State is the state of a cell.
type State uint8

// The states.
const (
	Healthy State = iota
	Suspicious
	Out
)

// String returns the word for the state.
func (s State) String() string {
	switch s {
	case Suspicious:
		return "suspected"
	case Out:
		return "confirmed"
	case Healthy:
	}
	return "healthy"
}
