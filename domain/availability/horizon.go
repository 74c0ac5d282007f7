package availability

import (
	"fmt"
	"time"
)

// Horizon is how far ahead can be booked. The zero value sets no bound.
type Horizon struct {
	Kind     HorizonKind
	Days     int  // for Rolling and RollingOpen
	Business bool // count Monday to Friday only; weekends within the horizon can be booked and are not counted
	Between  Days // for Fixed: dates of the resource's zone
}

// HorizonKind says how a horizon is measured.
type HorizonKind int

// Rolling: up to the date that is Days after today. RollingOpen: up to the Days-th date, today included, that has
// a start to offer. Both count the viewer's dates. Fixed: from one date to another.
const (
	NoHorizon HorizonKind = iota
	Rolling
	RollingOpen
	Fixed
)

// farthest bounds a horizon in days, searched how far RollingOpen looks for open dates.
const (
	farthest = 3660
	searched = 366
)

// Check refuses a horizon that says nothing.
func (h Horizon) Check() error {
	switch {
	case h.Days > farthest:
		return fmt.Errorf("the horizon is %d days: it must not be farther than %d", h.Days, farthest)
	case h.Kind == Rolling && h.Days < 0, h.Kind == RollingOpen && h.Days < 1:
		return fmt.Errorf("the horizon is %d days: it must not lie in the past", h.Days)
	case h.Kind == Fixed && !h.Between.To.IsZero() && h.Between.To.Compare(h.Between.From) < 0:
		return fmt.Errorf("the horizon ends (%s) before it starts (%s): swap the two", h.Between.To, h.Between.From)
	}
	return nil
}

// lastDate is today plus so many days, or business days, as a calendar counts them.
func (h Horizon) lastDate(today Date) Date {
	if !h.Business {
		return today.AddDays(h.Days)
	}
	d := today
	for n := 0; n < h.Days; {
		if d = d.AddDays(1); !weekend(d) {
			n++
		}
	}
	return d
}

func weekend(d Date) bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// bounds is the span in which a start may lie. open lists the starts inside a span, for a horizon that counts
// open dates.
func (h Horizon) bounds(q *Query, open func(span) []int64) span {
	zone := q.viewer()
	today := DateAt(q.Now, zone)
	all := span{-forever, forever}
	switch h.Kind {
	case Rolling:
		all.b = h.lastDate(today).AddDays(1).Start(zone).UnixNano()
	case RollingOpen:
		last := h.lastOpen(today, zone, open)
		all.b = last.AddDays(1).Start(zone).UnixNano()
	case Fixed:
		zone = q.home()
		if !h.Between.From.IsZero() {
			all.a = h.Between.From.Start(zone).UnixNano()
		}
		if !h.Between.To.IsZero() {
			all.b = h.Between.To.AddDays(1).Start(zone).UnixNano()
		}
	}
	return all
}

// lastOpen walks dates that have a start until Days of them are counted. It looks a month at a time, so that the
// usual horizon costs one look.
func (h Horizon) lastOpen(today Date, zone *time.Location, open func(span) []int64) Date {
	const stretch = 31
	counted, last := 0, today
	for from := today; counted < h.Days && from.Compare(today.AddDays(searched)) < 0; from = from.AddDays(stretch) {
		to := from.AddDays(stretch)
		seen := Date{}
		for _, at := range open(span{from.Start(zone).UnixNano(), to.Start(zone).UnixNano()}) {
			d := DateAt(instant(at), zone)
			if d == seen {
				continue
			}
			if seen = d; h.Business && weekend(d) {
				continue
			}
			if counted, last = counted+1, d; counted == h.Days {
				break
			}
		}
	}
	return last
}

// home is the zone of the first resource asked for.
func (q *Query) home() *time.Location {
	for _, n := range q.Needs {
		for _, r := range n.AnyOf {
			return r.zone(q)
		}
	}
	return q.viewer()
}
