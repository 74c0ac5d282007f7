package availability

import (
	"slices"
	"time"
)

// TimeBlock is a dated range that changes a schedule. One that is not available takes away. One that is available
// adds, or with Replace stands instead of the weekly hours of the dates it touches. Where both speak, not
// available wins.
type TimeBlock struct {
	Interval
	Available bool
	Replace   bool
	Services  []string // none: for every service
	Locations []string // none: at every location
}

// concerns tells whether the block is for a service at a location. A question that names none gets every block
// that takes away and only such available blocks as are for everybody: what is shown then holds for any service.
func (b TimeBlock) concerns(service, location string) bool {
	match := func(names []string, name string) bool {
		if name == "" {
			return len(names) == 0 || !b.Available
		}
		return len(names) == 0 || slices.Contains(names, name)
	}
	return match(b.Services, service) && match(b.Locations, location)
}

// blocksFor picks the blocks of a question. Blocks far from the window stay out, except that one with Replace
// counts for every date it touches.
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

// replaced are the dates whose weekly hours do not count.
func (s Schedule) replaced(blocks []TimeBlock) map[Date]bool {
	out := map[Date]bool{}
	for _, b := range blocks {
		if b.Available && b.Replace {
			for _, d := range Dates(b.Interval, s.Zone) {
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

// withoutAway cuts the days away out of what other dates' hours and blocks reach into them.
func (s Schedule) withoutAway(dates []Date, open []span) []span {
	var away []span
	for _, d := range dates {
		if s.away(d) {
			away = append(away, d.span(s.zoneOn(d)))
		}
	}
	return subtract(open, merge(away))
}
