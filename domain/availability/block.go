package availability

import (
	"slices"
	"time"
)

// TimeBlock is a dated period that changes a schedule. One that is not available removes time. One that is available
// adds time, or with Replace replaces the weekly hours of the dates it touches. Where both apply, not available wins.
type TimeBlock struct {
	Interval
	Available bool
	Replace   bool
	Services  []string // empty means every service
	Locations []string // empty means every location
}

// concerns reports whether the block applies to a service at a location. A query without a service or location gets
// every block that removes time, but only available blocks that apply to all, so what it shows is true for any
// service.
func (b TimeBlock) concerns(service, location string) bool {
	match := func(names []string, name string) bool {
		if name == "" {
			return len(names) == 0 || !b.Available
		}
		return len(names) == 0 || slices.Contains(names, name)
	}
	return match(b.Services, service) && match(b.Locations, location)
}

// blocksFor returns the blocks that apply to a query. Blocks far from the window are left out, except that one with
// Replace applies to every date it touches.
func (s Schedule) blocksFor(w span, service, location string) []TimeBlock {
	near := span{w.a - int64(4*24*time.Hour), w.b + int64(4*24*time.Hour)}
	var out []TimeBlock
	for _, b := range s.Blocks {
		if b.Start.Before(b.End) && b.span().overlaps(near) && b.concerns(service, location) {
			out = append(out, b)
		}
	}
	return out
}

// replaced returns which of some dates, in order and without gaps, have no weekly hours. A block may last for years:
// only these dates of it are visited.
func (s Schedule) replaced(blocks []TimeBlock, dates []Date) map[Date]bool {
	out := map[Date]bool{}
	if len(dates) == 0 {
		return out
	}
	first, last := dates[0], dates[len(dates)-1]
	for _, b := range blocks {
		if b.Available && b.Replace {
			d, end := DateAt(b.Start, s.Zone), DateAt(b.End.Add(-time.Nanosecond), s.Zone)
			if d.Compare(first) < 0 {
				d = first
			}
			for ; d.Compare(end) <= 0 && d.Compare(last) <= 0; d = d.AddDays(1) {
				out[d] = true
			}
		}
	}
	return out
}

func (s Schedule) withBlocks(blocks []TimeBlock, hours []span) []span {
	var add, take []span
	for _, b := range blocks {
		if b.Available {
			add = append(add, b.span())
		} else {
			take = append(take, b.span())
		}
	}
	return subtract(merge(append(hours, add...)), merge(take))
}

// withoutAway removes the days away from hours and blocks that reach into them from other dates.
func (s Schedule) withoutAway(dates []Date, open []span) []span {
	var away []span
	for _, d := range dates {
		if s.away(d) {
			away = append(away, d.span(s.zoneOn(d)))
		}
	}
	return subtract(open, merge(away))
}
