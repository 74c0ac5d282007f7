// Package outagedetect finds provider outages in the facts of single messages: accepted, delivered, failed, or silent
// for too long. It watches every provider, region, country and network as a cell of a tree.
//
// Each cell runs three CUSUM statistics, one for each share of deliveries that may remain in an outage (5, 50 and 80
// percent). A message without a receipt is a right-censored observation: it counts a little more at each age of the
// grid, long before a deadline would expire. The sum of a block of 30 seconds is clipped, so that a short stall of
// receipts confirms nothing. The literature: E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954; G. Lorden,
// Procedures for Reacting to a Change in Distribution, 1971.
//
// The package is pure. Its state is a fold of facts, time is the time of the facts, and the same facts with the same
// parameters yield the same signals. It refuses to send, poll, switch a route or alert anybody: it returns signals and
// says which messages a poll would help with.
package outagedetect

import (
	"math"
	"time"
)

// Cell is a place where an outage can be. Empty fields mean the whole: Cell{Provider: "a", Region: "NA"} is all that
// provider a carries to North America.
type Cell struct {
	Provider string `json:"provider"`
	Region   string `json:"region,omitzero"`
	Country  string `json:"country,omitzero"` // ISO 3166-1 alpha-2
	Network  string `json:"network,omitzero"` // MCC-MNC, such as 310-410
}

// Contains reports whether other is the cell itself or a part of it.
func (c Cell) Contains(other Cell) bool {
	return c.Provider == other.Provider &&
		(c.Region == "" || c.Region == other.Region) &&
		(c.Country == "" || c.Country == other.Country) &&
		(c.Network == "" || c.Network == other.Network)
}

// level returns 0 for a provider, then 1 for a region, 2 for a country and 3 for a network.
func (c Cell) level() int {
	switch {
	case c.Network != "":
		return 3
	case c.Country != "":
		return 2
	case c.Region != "":
		return 1
	}
	return 0
}

// CellOf returns the smallest known cell of a message. Country and network may be empty.
func CellOf(provider, country, network string) Cell {
	if country == "" {
		return Cell{Provider: provider}
	}
	return Cell{Provider: provider, Region: Region(country), Country: country, Network: network}
}

// Params are the parameters of the statistic. A replay with other parameters is New(other) over the same facts.
type Params struct {
	Suspect   float64       // nats for suspected
	Calm      float64       // nats under which a suspicion ends
	Confirm   float64       // nats for confirmed; 0: computed from the provider's messages an hour and its number of cells
	Delta     float64       // how far the baseline is shaded towards worse, as a share
	ClipQuiet float64       // the most that silence and deliveries may add in one block, in nats
	ClipFail  float64       // the most that failures may add in one block, in nats
	CapOne    float64       // the most that one step of one message may add, in nats
	Margin    time.Duration // a message sent longer before the supposed change than this is no evidence of it

	Prior    float64       // weight of the parent in a cell's baseline, in messages
	Guess    float64       // weight of the first guess in a provider's baseline, in messages
	Memory   time.Duration // time constant of the baseline's decay
	MinRate  float64       // messages an hour: the least that Confirm is computed with
	MinCells int           // the least number of cells that Confirm is computed with
	Retain   time.Duration // a message without a receipt is forgotten after this

	Remainder float64       // nats of the parent without the cell, from which on the parent is the scope
	RestFloor float64       // the least that these nats can be: how much health is remembered
	Widen     float64       // nats for a larger cell after a smaller one inside it was confirmed
	WidenFor  time.Duration // how long Widen holds

	FailureShare  float64       // share of failures in the statistic from which on the cause is blocked
	Polls         int           // messages to poll about a silent cell
	PollDelivered int           // delivered among the polled that prove that only receipts are missing
	PollWait      time.Duration // after this, a cell is taken for silent without answers
	PollAgain     time.Duration // how often to poll about a cell that only lacks receipts

	SubmitError float64 // nats of a refused submit
	SubmitOK    float64 // nats of an accepted submit

	MinAccounts int     // different accounts in the evidence
	MinNumbers  int     // different numbers in the evidence
	Others      float64 // nats of all accounts but the one with the most

	Recover float64       // nats of the reversed statistic
	Hold    time.Duration // how long all must be well before an outage is cleared
	MaxHold time.Duration // Hold doubles to this while outages of the cell begin within Reopen of the last one's end
	Reopen  time.Duration
}

// Defaults returns the parameters of the product.
func Defaults() Params {
	return Params{
		Suspect: 8, Calm: 3, Delta: 0.03, ClipQuiet: 1.75, ClipFail: 6, CapOne: 2.3, Margin: 5 * time.Minute,
		Prior: 200, Guess: 30, Memory: 14 * 24 * time.Hour, MinRate: 10, MinCells: 27, Retain: 72 * time.Hour,
		Remainder: 1, RestFloor: -3, Widen: 8, WidenFor: 2 * time.Hour,
		FailureShare: 0.25, Polls: 5, PollDelivered: 2, PollWait: time.Minute, PollAgain: 5 * time.Minute,
		SubmitError: 5.5, SubmitOK: -0.69,
		MinAccounts: 3, MinNumbers: 3, Others: 6,
		Recover: 6, Hold: 15 * time.Minute, MaxHold: 2 * time.Hour, Reopen: 24 * time.Hour,
	}
}

// threshold returns the nats for confirmed. In theory, the mean time between false alarms is then one year.
func (p Params) threshold(perHour float64, cells int) float64 {
	if p.Confirm > 0 {
		return p.Confirm
	}
	return math.Log(max(perHour, p.MinRate)*8760) + math.Log(float64(max(cells, p.MinCells)))
}
