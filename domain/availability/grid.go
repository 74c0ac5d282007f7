package availability

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Packing is how starts are placed: tidy, or as many as possible.
type Packing int

// The packings. ConsecutiveOnly offers only the two ends of a free range, so no gap is left between appointments.
const (
	LocalHourGrid Packing = iota
	Packed
	ConsecutiveOnly
)

var packings = []string{"local_hour_grid", "packed", "consecutive_only"}

func (p Packing) String() string { return packings[p] }

// ParsePacking parses the name of a packing; "" is the default, local_hour_grid.
func ParsePacking(name string) (Packing, error) {
	if name == "" {
		return LocalHourGrid, nil
	}
	if i := slices.Index(packings, name); i >= 0 {
		return Packing(i), nil
	}
	return 0, fmt.Errorf("%q is not a packing: choose one of %v", name, packings)
}

// Check returns an error for rules that would give no start, or endlessly many.
func (r Rules) Check() error {
	switch {
	case r.Duration < time.Minute:
		return fmt.Errorf("the duration is %s: it must be at least one minute", r.Duration)
	case r.Interval < 0 || r.Interval > 0 && r.Interval < time.Minute:
		return fmt.Errorf("the interval is %s: it must be at least one minute", r.Interval)
	case r.Offset < 0 || r.Notice < 0 || r.BufferBefore < 0 || r.BufferAfter < 0:
		return errors.New("offset, notice and buffers must not be negative")
	}
	return nil
}

// StartsIn places starts in free ranges, which may overlap (a pool has one range per free resource). It takes the
// ranges in order of start. The first start in a range is its beginning, moved up by the packing rule and then by the
// offset. The next follow every Interval+Offset while the duration fits. In a range of more than 24 hours they begin
// again at each midnight of the viewer. If a first start is inside a slot of an earlier range, it takes the start of
// that slot if that is in this range, else its end. No start is before earliest, and none has seconds.
func (r Rules) StartsIn(free []Interval, earliest time.Time, viewer *time.Location) []time.Time {
	g := r.grid(viewer, nanos(earliest))
	for _, s := range sorted(spans(free)) {
		g.fill(s)
	}
	out := make([]time.Time, len(g.starts))
	for i, ns := range g.starts {
		out[i] = instant(ns)
	}
	return out
}

// grid collects starts, in order and without duplicates.
type grid struct {
	clock    clock
	packing  Packing
	duration int64
	stride   int64
	offset   int64
	step     int64
	earliest int64
	starts   []int64
}

func (r Rules) grid(viewer *time.Location, earliest int64) *grid {
	every := r.Interval
	if every == 0 {
		every = r.Duration
	}
	return &grid{
		clock: clock{zone: viewer}, packing: r.Packing, duration: int64(r.Duration),
		stride: int64(every + r.Offset), offset: int64(r.Offset), step: int64(step(every)), earliest: earliest,
	}
}

// step returns the largest of 60, 30, 20, 15, 10 and 5 minutes that divides the interval, else one minute.
func step(every time.Duration) time.Duration {
	for _, m := range []time.Duration{60, 30, 20, 15, 10, 5} {
		if every%(m*time.Minute) == 0 {
			return m * time.Minute
		}
	}
	return time.Minute
}

func (g *grid) fill(free span) {
	if g.packing == ConsecutiveOnly {
		g.add(free.a, free)
		g.add(free.b-g.duration, free)
		return
	}
	if max(free.a, g.earliest)+g.duration > free.b {
		return
	}
	first := g.snap(g.first(free)+g.offset, free)
	if free.b-free.a <= day {
		g.series(first, free.b, free)
		return
	}
	midnight := g.clock.nextMidnight(max(free.a, g.earliest))
	g.series(first, midnight, free)
	for midnight < free.b {
		next := g.clock.nextMidnight(midnight)
		g.series(midnight+g.offset, next, free)
		midnight = next
	}
}

// day is the length beyond which the grid of a free range begins again at each midnight. Where it began days ago does
// not matter then, so a short window around a start has the same grid as a long one.
const day = int64(24 * time.Hour)

// series adds the starts from first until end that fit into a range.
func (g *grid) series(first, end int64, free span) {
	for at := first; at < end && at+g.duration <= free.b; at += g.stride {
		g.add(at, free)
	}
}

// first applies the packing rule to the beginning of a range.
func (g *grid) first(free span) int64 {
	at := g.clock.roundUp(max(free.a, g.earliest), int64(time.Minute))
	if g.packing == LocalHourGrid {
		return g.clock.roundUp(at, g.step)
	}
	if g.clock.roundUp(at, g.step) == at {
		return at
	}
	slack := (free.b - at) % g.step // the rest that no start could use
	for _, next := range []int64{g.step, int64(15 * time.Minute), int64(5 * time.Minute)} {
		if up := g.clock.roundUp(at+1, next); up-at <= slack {
			return up
		}
	}
	return at
}

// snap prevents a second, shifted series of starts where a range begins inside a slot of another.
func (g *grid) snap(at int64, free span) int64 {
	i, _ := slices.BinarySearch(g.starts, at)
	if i == 0 || g.starts[i-1]+g.stride <= at {
		return at
	}
	if before := g.starts[i-1]; before >= free.a {
		return before
	}
	return g.starts[i-1] + g.stride
}

func (g *grid) add(at int64, free span) {
	if at < g.earliest || at < free.a || at+g.duration > free.b {
		return
	}
	if n := len(g.starts); n == 0 || g.starts[n-1] < at {
		g.starts = append(g.starts, at)
		return
	}
	if i, found := slices.BinarySearch(g.starts, at); !found {
		g.starts = slices.Insert(g.starts, i, at)
	}
}

// GridInWindow is the grid in integer time: starts are every interval from the start of the window, end inside it,
// and fit into one of the free ranges.
func GridInWindow(free [][2]int64, window [2]int64, duration, interval int64) []int64 {
	out := []int64{}
	if duration < 1 || interval < 1 {
		return out
	}
	for at := window[0]; at+duration <= window[1]; at += interval {
		if slices.ContainsFunc(free, func(f [2]int64) bool { return f[0] <= at && at+duration <= f[1] }) {
			out = append(out, at)
		}
	}
	return out
}
