package outage

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about outages.
var (
	ErrProvider = domain.Refuse(domain.Invalid, "cell_provider_invalid",
		"a cell names its provider with small letters, digits and dashes, up to 40")
	ErrRegion = domain.Refuse(domain.Invalid, "cell_region_invalid",
		"a region is named with two capital letters, such as NA for North America")
	ErrNetwork = domain.Refuse(domain.Invalid, "cell_network_invalid",
		"a network is written as mobile country and network code, such as 310-410, and needs its country")
	ErrCause = domain.Refuse(domain.Invalid, "outage_cause_invalid",
		"the cause of an outage is blocked, silent, receipts-only or configuration")
	ErrChangePoint = domain.Refuse(domain.Invalid, "outage_change_point_invalid",
		"an outage is found after it began; give a change point that is not later")
	ErrMode   = domain.Refuse(domain.Invalid, "override_mode_invalid", "a cell is forced up or down")
	ErrReason = domain.Refuse(domain.Invalid, "override_reason_required",
		"say in up to 200 characters why the cell is forced up or down")
	ErrUntil = domain.Refuse(domain.Invalid, "override_until_invalid",
		"an override ends by itself; give an end in the future, at most 7 days from now")
)

// maxOverride is how long an override can last, and maxReason how many characters its reason can have.
const (
	maxOverride = 7 * 24 * time.Hour
	maxReason   = 200
)

// Command is a request to change what is known about the cells of a provider.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Suspect records that an outage is likely. It has no effect on a cell that is suspected or confirmed already, or
// that has changed since At: then it comes from a node that lags behind.
type Suspect struct {
	Cell        Cell
	ChangePoint time.Time
	At          time.Time
	Evidence    Evidence
}

// Detect confirms an outage, whether or not it was suspected. It has no effect on a confirmed one.
type Detect struct {
	Cell        Cell
	ChangePoint time.Time
	At          time.Time
	Cause       Cause
	Evidence    Evidence
}

// Reassess changes the cause of a confirmed outage. It has no effect on others.
type Reassess struct {
	Cell     Cell
	At       time.Time
	Cause    Cause
	Evidence Evidence
}

// Clear ends an outage, suspected or confirmed.
type Clear struct {
	Cell Cell
	At   time.Time
}

// OverrideCell forces a cell up or down until a time, at most 7 days after At.
type OverrideCell struct {
	Cell   Cell
	Mode   Mode
	Reason string
	Until  time.Time
	At     time.Time
}

// EndOverride lets the statistic decide again.
type EndOverride struct {
	Cell   Cell
	Reason string
	At     time.Time
}

// Stream returns the stream of the cell's provider.
func (c Suspect) Stream() domain.Stream      { return Stream(c.Cell.Provider) }
func (c Detect) Stream() domain.Stream       { return Stream(c.Cell.Provider) }
func (c Reassess) Stream() domain.Stream     { return Stream(c.Cell.Provider) }
func (c Clear) Stream() domain.Stream        { return Stream(c.Cell.Provider) }
func (c OverrideCell) Stream() domain.Stream { return Stream(c.Cell.Provider) }
func (c EndOverride) Stream() domain.Stream  { return Stream(c.Cell.Provider) }

func (c Suspect) decide(s State) ([]Event, error) {
	change, at, err := began(c.Cell, c.ChangePoint, c.At)
	known := s.Of(c.Cell)
	if err != nil || known.Level != InService || !known.Since.Before(at) {
		return nil, err
	}
	return []Event{OutageSuspected{IDOf(c.Cell, change), c.Cell, change, at, c.Evidence}}, nil
}

func (c Detect) decide(s State) ([]Event, error) {
	change, at, err := began(c.Cell, c.ChangePoint, c.At)
	if err != nil {
		return nil, err
	}
	if !c.Cause.known() {
		return nil, ErrCause
	}
	known := s.Of(c.Cell)
	switch {
	case known.Level == Suspected:
		return []Event{OutageDetected{known.ID, c.Cell, change, at, c.Cause, c.Evidence}}, nil
	case known.Level == Confirmed, !known.Since.Before(at):
		return nil, nil
	}
	return []Event{OutageDetected{IDOf(c.Cell, change), c.Cell, change, at, c.Cause, c.Evidence}}, nil
}

func (c Reassess) decide(s State) ([]Event, error) {
	if err := c.Cell.check(); err != nil {
		return nil, err
	}
	if !c.Cause.known() {
		return nil, ErrCause
	}
	known := s.Of(c.Cell)
	if known.Level != Confirmed || known.Cause == c.Cause {
		return nil, nil
	}
	return []Event{OutageDetected{
		known.ID, c.Cell, known.ChangePoint, domain.Microseconds(c.At), c.Cause, c.Evidence,
	}}, nil
}

func (c Clear) decide(s State) ([]Event, error) {
	known, at := s.Of(c.Cell), domain.Microseconds(c.At)
	if err := c.Cell.check(); err != nil || known.Level == InService || at.Before(known.Since) {
		return nil, err
	}
	return []Event{OutageCleared{known.ID, c.Cell, at}}, nil
}

func (c OverrideCell) decide(s State) ([]Event, error) {
	if err := c.Cell.check(); err != nil {
		return nil, err
	}
	if c.Mode != Up && c.Mode != Down {
		return nil, ErrMode
	}
	reason, err := domain.ParseText("the reason", c.Reason, maxReason)
	if err != nil {
		return nil, ErrReason
	}
	at, until := domain.Microseconds(c.At), domain.Microseconds(c.Until)
	known := s.Of(c.Cell).Override
	if known.Mode == c.Mode && known.Reason == reason && known.Until.Equal(until) {
		return nil, nil
	}
	if !at.Before(until) || until.Sub(at) > maxOverride {
		return nil, ErrUntil
	}
	return []Event{CellOverridden{c.Cell, c.Mode, reason, until, at}}, nil
}

func (c EndOverride) decide(s State) ([]Event, error) {
	at := domain.Microseconds(c.At)
	if err := c.Cell.check(); err != nil || !s.Of(c.Cell).Override.InForce(at) {
		return nil, err
	}
	return []Event{CellOverrideEnded{c.Cell, c.Reason, at}}, nil
}

// began checks a cell and the times of its outage, and returns them in the precision of the log.
func began(cell Cell, change, at time.Time) (time.Time, time.Time, error) {
	if err := cell.check(); err != nil {
		return time.Time{}, time.Time{}, err
	}
	if change.IsZero() || at.Before(change) {
		return time.Time{}, time.Time{}, ErrChangePoint
	}
	return domain.Microseconds(change), domain.Microseconds(at), nil
}

func (c Cause) known() bool {
	return c == Blocked || c == Silent || c == ReceiptsOnly || c == Configuration
}
