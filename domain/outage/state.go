package outage

import (
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// State is the cells of a provider about which something is known, in the order in which they were first named.
type State struct{ cells []CellState }

// CellState is what is known about one cell.
type CellState struct {
	Cell
	ID          domain.OutageID // of the open outage, else of the last one
	Level       Level
	ChangePoint time.Time
	Since       time.Time // when Level was reached
	Cause       Cause     // of a confirmed outage
	Override    Override
}

// Level is how certain an outage is.
type Level string

// The levels of a cell.
const (
	InService Level = "" // nothing is suspected, or the outage is over
	Suspected Level = "suspected"
	Confirmed Level = "confirmed"
)

// Override is what an operator forces a cell to be. The zero value is none.
type Override struct {
	Mode   Mode
	Reason string
	Until  time.Time
	At     time.Time
}

// InForce reports whether the override applies at a time.
func (o Override) InForce(at time.Time) bool { return o.Mode != "" && at.Before(o.Until) }

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

// Cells returns everything that is known. The caller owns the slice.
func (s State) Cells() []CellState { return slices.Clone(s.cells) }

// Of returns what is known about a cell. The cell of an unknown one is as given.
func (s State) Of(cell Cell) CellState {
	for _, known := range s.cells {
		if known.Same(cell) {
			return known
		}
	}
	return CellState{Cell: cell}
}

// Out reports whether texts to a place must avoid the provider at a time, and the cell that says so. A place has a
// country and, if they are known, its region and network. The override of the smallest cell around the place
// decides. Without one, a confirmed outage does, unless only receipts are lost.
func (s State) Out(place Cell, at time.Time) (CellState, bool) {
	if forced, ok := s.smallest(place, func(c CellState) bool { return c.Override.InForce(at) }); ok {
		return forced, forced.Override.Mode == Down
	}
	return s.smallest(place, CellState.stops)
}

// NetworkOut returns a network of a country that is out at an instant. A number whose network is not known may be on
// it.
func (s State) NetworkOut(country string, at time.Time) (CellState, bool) {
	for _, known := range s.cells {
		if known.Country != country || known.Network == "" {
			continue
		}
		if forced := known.Override.InForce(at); forced && known.Override.Mode == Down || !forced && known.stops() {
			return known, true
		}
	}
	return CellState{}, false
}

// stops reports whether an outage of the cell is a reason to avoid it.
func (c CellState) stops() bool { return c.Level == Confirmed && c.Cause != ReceiptsOnly }

// smallest returns the smallest cell around a place that fits.
func (s State) smallest(place Cell, fits func(CellState) bool) (found CellState, ok bool) {
	for _, known := range s.cells {
		if known.Covers(place) && fits(known) && (!ok || known.depth() > found.depth()) {
			found, ok = known, true
		}
	}
	return found, ok
}

// with changes a copy of one cell.
func (s State) with(cell Cell, change func(*CellState)) State {
	cells := slices.Clone(s.cells)
	at := slices.IndexFunc(cells, func(c CellState) bool { return c.Same(cell) })
	if at < 0 {
		at = len(cells)
		cells = append(cells, CellState{Cell: cell})
	}
	change(&cells[at])
	return State{cells}
}

func (e OutageSuspected) evolve(s State) State {
	return s.with(e.Cell, func(c *CellState) {
		c.ID, c.Level, c.ChangePoint, c.Since, c.Cause = e.ID, Suspected, e.ChangePoint, e.At, ""
	})
}

func (e OutageDetected) evolve(s State) State {
	return s.with(e.Cell, func(c *CellState) {
		c.ID, c.Level, c.ChangePoint, c.Since, c.Cause = e.ID, Confirmed, e.ChangePoint, e.At, e.Cause
	})
}

func (e OutageCleared) evolve(s State) State {
	return s.with(e.Cell, func(c *CellState) { c.Level, c.Since, c.Cause = InService, e.At, "" })
}

func (e CellOverridden) evolve(s State) State {
	return s.with(e.Cell, func(c *CellState) { c.Override = Override{e.Mode, e.Reason, e.Until, e.At} })
}

func (e CellOverrideEnded) evolve(s State) State {
	return s.with(e.Cell, func(c *CellState) { c.Override = Override{} })
}
