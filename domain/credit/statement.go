package credit

import (
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Statement is one month of the books of an account. A refund for a month that was closed when it was posted is
// listed in the first open month as prior-period. Closing is opening plus everything in between.
type Statement struct {
	Account             string `json:"account"`
	Period              string `json:"period"` // 2026-03
	Zone                string `json:"zone"`
	Opening             int64  `json:"opening"`
	Purchased           int64  `json:"purchased"`
	Granted             int64  `json:"granted"`
	Captured            int64  `json:"captured"`
	Refunded            int64  `json:"refunded"`
	RefundedPriorPeriod int64  `json:"refunded_prior_period"`
	Reversed            int64  `json:"reversed"`
	Expired             int64  `json:"expired"`
	Closing             int64  `json:"closing"`
}

// Statements builds the monthly statements of one account from its lines and closings, in log order.
type Statements struct {
	Account string
	closed  []Statement
	through string // the last closed period
	zone    string // of the last closing; months begin in it
	open    []entry
}

// entry is a line that is not in a closed statement yet.
type entry struct {
	line    Line
	through string // the last closed period when it was recorded
	from    string // the earliest period it may be listed in, in any zone
}

// Post adds a line. Holds and releases are ignored: they do not change what the customer owns.
func (s *Statements) Post(line Line) {
	if line.Kind != "hold" && line.Kind != "release" {
		e := entry{line: line, through: s.through}
		if s.through != "" {
			e.from = next(s.through)
		}
		s.open = append(s.open, e)
	}
}

// Close closes a month and all before it. Closing it again, or an earlier one, does nothing.
func (s *Statements) Close(period, zone string) error {
	months, err := newCalendar(zone)
	if err != nil || period <= s.through {
		return err
	}
	first := next(s.through)
	if s.through == "" {
		first = period
		for _, e := range s.open {
			first = min(first, months.of(e.line.EffectiveAt))
		}
	}
	for ; first <= period; first = next(first) {
		s.closed = append(s.closed, s.statement(first, zone, months))
	}
	kept := s.open[:0:0]
	for _, e := range s.open {
		if e.period(months) > period {
			e.from = next(period)
			kept = append(kept, e)
		}
	}
	s.open, s.through, s.zone = kept, period, zone
	return nil
}

// All returns the closed statements and the open one after them, none if nothing was closed.
func (s *Statements) All() []Statement {
	if s.through == "" {
		return nil
	}
	months, err := newCalendar(s.zone)
	if err != nil {
		return s.closed
	}
	return append(s.closed[:len(s.closed):len(s.closed)], s.statement(next(s.through), s.zone, months))
}

func (s *Statements) statement(period, zone string, months calendar) Statement {
	sum := Statement{Account: s.Account, Period: period, Zone: zone}
	if n := len(s.closed); n > 0 {
		sum.Opening = s.closed[n-1].Closing
	}
	for _, e := range s.open {
		if e.period(months) == period {
			sum.count(e.line, e.through != "" && months.of(e.line.EffectiveAt) <= e.through)
		}
	}
	sum.Closing = sum.Opening + sum.Purchased + sum.Granted - sum.Captured + sum.Refunded +
		sum.RefundedPriorPeriod - sum.Reversed - sum.Expired
	return sum
}

func (s *Statement) count(line Line, prior bool) {
	switch line.Kind {
	case "purchase":
		s.Purchased += line.Amount
	case "grant":
		s.Granted += line.Amount
	case "capture":
		s.Captured += line.Amount
	case "refund":
		if prior {
			s.RefundedPriorPeriod += line.Amount
		} else {
			s.Refunded += line.Amount
		}
	case "reversal":
		s.Reversed += line.Amount
	case "expire":
		s.Expired += line.Amount
	}
}

// period returns the month of the effect of a line if that was open when the line was recorded, else the first month
// open then.
func (e entry) period(months calendar) string {
	return max(e.from, months.of(e.line.EffectiveAt))
}

type calendar struct{ zone *time.Location }

func newCalendar(zone string) (calendar, error) {
	location, err := domain.ParseZone(zone)
	return calendar{location}, err
}

// of returns the month of an instant. If the clocks go back over midnight at the end of a month, the new month has
// begun all the same.
func (c calendar) of(t time.Time) string {
	year, month, _ := t.In(c.zone).Date()
	if begun := domain.FirstInstant(year, month+1, 1, c.zone); !t.Before(begun) {
		month++
	}
	return format(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC))
}

// endOfTime sorts after every period.
const endOfTime = "~"

// next returns the month after a period.
func next(period string) string {
	month, err := time.Parse(monthLayout, period)
	if err != nil {
		return endOfTime
	}
	return format(month.AddDate(0, 1, 0))
}

func format(month time.Time) string {
	if month.Year() > 9999 {
		return endOfTime
	}
	return month.Format(monthLayout)
}
