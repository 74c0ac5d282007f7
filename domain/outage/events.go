package outage

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Event is anything that can have happened to the cells of a provider.
//
//sumtype:decl
type Event interface {
	domain.Event
	evolve(State) State
}

// Types lists every event of an outage stream.
var Types = domain.Types{
	domain.TypeOf[OutageSuspected](),
	domain.TypeOf[OutageDetected](),
	domain.TypeOf[OutageCleared](),
	domain.TypeOf[CellOverridden](),
	domain.TypeOf[CellOverrideEnded](),
}

// OutageSuspected records that the texts of a cell probably do not arrive. It changes nothing for senders.
type OutageSuspected struct {
	ID domain.OutageID `json:"id"`
	Cell
	ChangePoint time.Time `json:"change_point"` // since when, as far as the statistic can tell
	At          time.Time `json:"at"`
	Evidence    Evidence  `json:"evidence"`
}

// OutageDetected records that an outage is confirmed. It is recorded again, with the same id, if the cause turns out
// to be another.
type OutageDetected struct {
	ID domain.OutageID `json:"id"`
	Cell
	ChangePoint time.Time `json:"change_point"`
	At          time.Time `json:"at"`
	Cause       Cause     `json:"cause"` // blocked, silent, receipts-only, configuration
	Evidence    Evidence  `json:"evidence"`
}

// OutageCleared records that a suspected or confirmed outage is over.
type OutageCleared struct {
	ID domain.OutageID `json:"id"`
	Cell
	At time.Time `json:"at"`
}

// CellOverridden records that an operator forced a cell up or down for a time, whatever the statistic says.
type CellOverridden struct {
	Cell
	Mode   Mode      `json:"mode"` // up, down
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
	At     time.Time `json:"at"`
}

// CellOverrideEnded records that an operator ended an override before its time.
type CellOverrideEnded struct {
	Cell
	Reason string    `json:"reason,omitzero"`
	At     time.Time `json:"at"`
}

// Cause is why the texts of a cell seem not to arrive.
type Cause string

// The causes of outages.
const (
	Blocked       Cause = "blocked"       // networks or the provider reject texts
	Silent        Cause = "silent"        // texts are accepted and nothing is heard of them
	ReceiptsOnly  Cause = "receipts-only" // texts arrive, only their receipts are lost
	Configuration Cause = "configuration" // our account at the provider: credentials, funds, sender
)

// Mode is what an operator forces a cell to be.
type Mode string

// The modes of overrides.
const (
	Up   Mode = "up"   // texts go through the cell, also during an outage
	Down Mode = "down" // texts avoid the cell
)

// Evidence is what a decision about a cell rests on.
type Evidence struct {
	Messages   int   `json:"messages"`          // that counted since the change point
	Failed     int   `json:"failed,omitzero"`   // rejected, or reported as not delivered
	Silent     int   `json:"silent,omitzero"`   // without a final receipt for longer than usual
	Accounts   int   `json:"accounts,omitzero"` // distinct accounts among the messages
	Numbers    int   `json:"numbers,omitzero"`  // distinct phone numbers among them
	ScoreMilli int64 `json:"score_milli"`       // log-likelihood ratio, in thousandths of a nat
	Polled     int   `json:"polled,omitzero"`   // texts whose status the provider was asked for
	Arrived    int   `json:"arrived,omitzero"`  // of them, delivered
}

// EventType returns the stored name.
func (OutageSuspected) EventType() string   { return "OutageSuspected" }
func (OutageDetected) EventType() string    { return "OutageDetected" }
func (OutageCleared) EventType() string     { return "OutageCleared" }
func (CellOverridden) EventType() string    { return "CellOverridden" }
func (CellOverrideEnded) EventType() string { return "CellOverrideEnded" }
