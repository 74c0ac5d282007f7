package availability

import (
	"time"

	"github.com/clickbook/clickbook/domain/zones"
)

// Resolve converts local time to an instant, by RFC 5545 section 3.3.5: a time that occurs twice means its first
// occurrence, and one that does not occur is read with the offset from before the gap. wall counts from the midnight
// of the date, as if no clock ever changed, so it may exceed 24 hours.
func Resolve(d Date, wall time.Duration, zone *time.Location) time.Time {
	reading := d.utc().Add(wall)
	guess := time.Date(reading.Year(), reading.Month(), reading.Day(),
		reading.Hour(), reading.Minute(), reading.Second(), reading.Nanosecond(), zone)
	start, end := zones.Bounds(guess)
	if calm := 26 * time.Hour; guess.Sub(start) > calm && (end.IsZero() || end.Sub(guess) > calm) {
		return guess // no clock change is near
	}
	offsets := []time.Duration{offset(guess)}
	if !start.IsZero() {
		offsets = append(offsets, offset(start.Add(-time.Second)))
	}
	if !end.IsZero() {
		offsets = append(offsets, offset(end))
	}
	var first time.Time
	for _, o := range offsets {
		if t := reading.Add(-o).In(zone); offset(t) == o && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	if !first.IsZero() {
		return first
	}
	if reading.Before(start.UTC().Add(offset(start))) { // in the gap with which guess's own offset began
		return reading.Add(-offset(start.Add(-time.Second))).In(zone)
	}
	return reading.Add(-offset(guess)).In(zone)
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// clock returns the offset of one zone at rising instants. It looks up the zone only after a change has passed.
type clock struct {
	zone     *time.Location
	from, to int64 // the offset is valid in [from, to)
	offset   int64 // nanoseconds
}

const forever = int64(1<<63 - 1)

func (c *clock) at(ns int64) int64 {
	if ns >= c.from && ns < c.to {
		return c.offset
	}
	t := time.Unix(0, ns).In(c.zone)
	start, end := zones.Bounds(t)
	c.from, c.to, c.offset = -forever, forever, int64(offset(t))
	if !start.IsZero() && start.Year() > 1677 {
		c.from = nanos(start)
	}
	if !end.IsZero() && end.Year() < 2262 {
		c.to = nanos(end)
	}
	return c.offset
}

// nextMidnight returns when the local date after that of an instant begins.
func (c *clock) nextMidnight(ns int64) int64 {
	return nanos(DateAt(instant(ns), c.zone).AddDays(1).Start(c.zone))
}

// roundUp moves an instant up to a multiple of step in local time. If that crosses a clock change, the result is the
// first multiple after the change.
func (c *clock) roundUp(ns, step int64) int64 {
	before := c.at(ns)
	change := c.to
	up := ceil(ns+before, step) - before
	if up < change {
		return up
	}
	after := c.at(up)
	return ceil(change+after, step) - after
}

func ceil(n, step int64) int64 {
	if r := n % step; r > 0 {
		return n + step - r
	} else if r < 0 {
		return n - r
	}
	return n
}
