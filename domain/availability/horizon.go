package availability

import (
	"fmt"
	"time"
)

// Horizon limits how far ahead can be booked. The zero value sets no limit.
type Horizon struct {
	Kind     HorizonKind
	Days     int  // for Rolling and RollingOpen
	Business bool // count only Monday to Friday; weekends within the horizon can be booked
	Between  Days // for Fixed, in the zone of the resource
}

// HorizonKind is how a horizon is measured.
type HorizonKind int

// Rolling ends with the date that is Days after today. RollingOpen ends with the Days-th date, today included, that
// has a start to offer. Both count dates of the viewer. Fixed runs from one date to another.
const (
	NoHorizon HorizonKind = iota
	Rolling
	RollingOpen
	Fixed
)

// farthest is the limit of a horizon in days, and how far RollingOpen looks for open dates.
const (
	farthest = 3660
	searched = 366
)

// Check returns an error for a horizon without meaning.
func (h Horizon) Check() error {
	switch {
	case h.Days > farthest:
		return fmt.Errorf("the horizon is %d days: it must be at most %d", h.Days, farthest)
	case h.Kind == Rolling && h.Days < 0, h.Kind == RollingOpen && h.Days < 1:
		return fmt.Errorf("the horizon is %d days: it must not be negative", h.Days)
	case h.Kind == Fixed && !h.Between.To.IsZero() && h.Between.To.Compare(h.Between.From) < 0:
		return fmt.Errorf("the horizon ends (%s) before it starts (%s): swap the two", h.Between.To, h.Between.From)
	}
	return nil
}

// lastDate returns the date that is so many days, or business days, after today.
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

// bounds returns the span in which a start may be. open lists the starts in a span, for a horizon that counts open
// dates.
func (h Horizon) bounds(q *Query, open func(span) []int64) span {
	zone := q.viewer()
	today := DateAt(q.Now, zone)
	all := span{-forever, forever}
	switch h.Kind {
	case NoHorizon:
	case Rolling:
		all.b = nanos(h.lastDate(today).AddDays(1).Start(zone))
	case RollingOpen:
		last := h.lastOpen(today, zone, open)
		all.b = nanos(last.AddDays(1).Start(zone))
	case Fixed:
		zone = q.home()
		if !h.Between.From.IsZero() {
			all.a = nanos(h.Between.From.Start(zone))
		}
		if !h.Between.To.IsZero() {
			all.b = nanos(h.Between.To.AddDays(1).Start(zone))
		}
	}
	return all
}

// lastOpen counts dates that have a start until there are Days of them. It reads a month at a time, which is enough
// for the usual horizon.
func (h Horizon) lastOpen(today Date, zone *time.Location, open func(span) []int64) Date {
	const step = 31
	counted, last := 0, today
	for from := today; counted < h.Days && from.Compare(today.AddDays(searched)) < 0; from = from.AddDays(step) {
		to := from.AddDays(step)
		seen := Date{}
		for _, at := range open(span{nanos(from.Start(zone)), nanos(to.Start(zone))}) {
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

// home returns the zone of the first resource of the first need.
func (q *Query) home() *time.Location {
	for _, n := range q.Needs {
		for _, r := range n.AnyOf {
			return r.zone(q)
		}
	}
	return q.viewer()
}
