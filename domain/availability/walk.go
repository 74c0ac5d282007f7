package availability

import (
	"iter"
	"slices"
)

// fixedGrid is a grid whose starts do not depend on where a free range begins: each is a multiple of the interval in
// local time, and so one interval after another. The usual services have one, such as on the hour and on the half hour.
// Its starts are found by walking it once, past the hours of each candidate and what is taken of it. Any other grid is
// placed in the free ranges of all candidates, which must be built and sorted first.
type fixedGrid struct {
	stride   int64
	offset   int64 // of local time; clock changes may change it by multiples of the stride
	earliest int64
}

// up returns the first start of the grid that is not before an instant.
func (g fixedGrid) up(at int64) int64 { return ceil(at+g.offset, g.stride) - g.offset }

// fixed returns the grid if it is fixed.
func (v *view) fixed() (fixedGrid, bool) {
	g := v.q.Rules.grid(v.q.viewer(), v.earliest)
	if g.packing != LocalHourGrid || g.offset != 0 || g.stride != g.step {
		return fixedGrid{}, false
	}
	hours := v.reach()
	fixed := fixedGrid{stride: g.stride, offset: g.clock.at(hours.a), earliest: g.earliest}
	for at := hours.a; at < hours.b; at = g.clock.to {
		if (g.clock.at(at)-fixed.offset)%g.stride != 0 {
			return fixedGrid{}, false
		}
	}
	return fixed, true
}

// reach returns a span that contains all hours of all candidates and two days around them.
func (v *view) reach() span {
	out := span{forever, -forever}
	for i := range v.needs {
		for k := range v.needs[i].able {
			if open := v.needs[i].able[k].open; len(open) > 0 {
				out.a, out.b = min(out.a, open[0].a), max(out.b, open[len(open)-1].b)
			}
		}
	}
	if out.a > out.b {
		return span{}
	}
	return span{out.a - 2*day, out.b + 2*day}
}

// walk is offered for a fixed grid.
func (v *view) walk(g fixedGrid, window span) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		if len(v.needs) == 0 {
			return
		}
		for at := g.up(max(window.a, g.earliest)); at < window.b; {
			next := at + 1
			switch {
			case v.beyondQuota(at):
			case !v.choose(at):
				next = max(next, v.soonest())
			case !yield(at):
				return
			}
			if next >= window.b {
				return // it may be too far to round
			}
			at = g.up(next)
		}
	}
}

// soonest returns a time before which some need has no candidate.
func (v *view) soonest() int64 {
	soonest := -forever
	for i := range v.needs {
		first := forever
		for k := range v.needs[i].able {
			first = min(first, v.needs[i].able[k].soonest)
		}
		soonest = max(soonest, first)
	}
	return soonest
}

// onGrid reports whether an instant at which all needs are met is a start.
func (v *view) onGrid(at int64) bool {
	if g, fixed := v.fixed(); fixed {
		return at >= g.earliest && g.up(at) == at && !v.beyondQuota(at)
	}
	return slices.Contains(v.starts(span{at, at + 1}), at)
}
