package availability

import (
	"iter"
	"slices"
)

// work is one query in progress.
type work struct {
	q        *Query
	earliest int64
	client   []span // periods in which the client may have no further appointment

	quota, quotaOfClient []span // periods in which no further appointment may start
}

func newWork(q *Query) *work {
	w := &work{
		q:        q,
		earliest: nanos(q.Now.Add(q.Rules.Notice)),
		client:   q.Rules.ClientLimits.full(q, q.Client, q.viewer()),
	}
	w.quota, w.quotaOfClient = q.Rules.Quota.full(q)
	return w
}

// beyondQuota reports whether no further appointment may start at an instant. It does not shape the grid.
func (w *work) beyondQuota(at int64) bool {
	_, full := starting(w.quota, at)
	_, fullForClient := starting(w.quotaOfClient, at)
	return full || fullForClient
}

// within returns the starts of a window that the horizon allows.
func (w *work) within(h Horizon, window span) []Start {
	view := w.over(window)
	bounds := h.bounds(w.q, func(s span) []int64 { return w.over(s).bookable() })
	window = span{max(window.a, bounds.a), min(window.b, bounds.b)}
	out := []Start{}
	var names []string
	for at := range view.offered(window) {
		from := len(names)
		names = view.appendChosen(names)
		out = append(out, Start{instant(at), names[from:len(names):len(names)]})
	}
	return out
}

// view is the time of every candidate around a window.
type view struct {
	*work
	window span
	needs  []need
}

type need struct {
	able   []candidate
	chosen int
}

// candidate is a resource that can serve a need. Its places in the hours and in what is taken move forward as the
// starts rise.
type candidate struct {
	Resource
	takes int // units
	*times
	soonest int64 // no slot before this fits
	inOpen  int
	inTaken int
}

// times are the hours of a resource and when it has too few units left. Candidates of several needs share them.
type times struct {
	open  []span
	known bool   // whether the rest is computed; see view.prepare
	plain bool   // whether Resource.Held is what is taken, in order
	taken []span // merged, unless it is plain
}

// over expands the hours of each resource once, however many needs name it.
func (w *work) over(window span) *view {
	v := &view{work: w, window: window, needs: make([]need, 0, len(w.q.Needs))}
	type use struct {
		id    string
		units int
	}
	open, shared := make(map[string][]span), make(map[use]*times)
	var last *candidate // often all resources of a service have the same hours
	for _, n := range w.q.Needs {
		able := make([]candidate, len(n.AnyOf))
		for i := range n.AnyOf {
			c := &able[i]
			c.Resource, c.soonest = n.AnyOf[i], -forever
			c.takes = n.unitsOf(&c.Resource)
			wanted := use{c.ID, c.takes}
			if c.times = shared[wanted]; c.times != nil {
				continue
			}
			hours, known := open[c.ID]
			if !known {
				if last != nil && last.Open == nil && c.Open == nil && c.Schedule.sameWeek(last.Schedule) {
					hours = last.open
				} else {
					hours = w.open(c.Resource, window)
				}
				open[c.ID], last = hours, c
			}
			c.times = &times{open: hours}
			shared[wanted] = c.times
		}
		v.needs = append(v.needs, need{able: able})
	}
	return v
}

func (w *work) open(r Resource, window span) []span {
	if r.Open != nil {
		return merge(spans(r.Open))
	}
	if r.Schedule.Zone == nil {
		return nil
	}
	window.b += int64(w.q.Rules.Duration) // the last start ends after the window
	return r.Schedule.open(window, w.q.Service, w.q.Place)
}

// prepare finds out what is taken of a candidate. Most candidates of a need are never asked, so it is called when the
// first one asks.
func (v *view) prepare(c *candidate) {
	if c.known {
		return
	}
	c.known = true
	full := v.q.Rules.Limits.full(v.q, c.Busy, c.zone(v.q))
	if c.plain = len(full)+len(v.client)+len(c.Busy) == 0 && c.allBlock(); !c.plain {
		c.taken = v.taken(c, full)
	}
}

// allBlock reports whether each hold leaves a candidate too few units, and whether they are in order. Then they need
// not be merged.
func (c *candidate) allBlock() bool {
	last, room := -forever, c.units()-c.takes
	for _, h := range c.Held {
		if h.units <= room || h.from < last || h.from >= h.to {
			return false
		}
		last = h.from
	}
	return room >= 0
}

// taken returns when a candidate has too few units left, and its full periods, merged.
func (v *view) taken(c *candidate, full []span) []span {
	taken := v.q.short(&c.Resource, c.takes)
	if len(full)+len(v.client) == 0 {
		return taken
	}
	return merge(slices.Concat(taken, full, v.client))
}

// free returns the hours of a candidate without what is taken.
func (v *view) free(c *candidate) []span {
	if v.prepare(c); c.plain {
		return subtract(c.open, v.taken(c, nil))
	}
	return subtract(c.open, c.taken)
}

// offered yields the starts of a window in order. After each the needs have chosen their candidates.
func (v *view) offered(window span) iter.Seq[int64] {
	if g, fixed := v.fixed(); fixed {
		return v.walk(g, window)
	}
	return func(yield func(int64) bool) {
		for _, at := range v.starts(window) {
			if v.choose(at) && !yield(at) {
				return
			}
		}
	}
}

// bookable returns the starts of the whole view that some candidates can serve.
func (v *view) bookable() []int64 { return slices.Collect(v.offered(v.window)) }

// starts places the grid and then cuts it to a window, so the window never moves the grid.
func (v *view) starts(window span) []int64 {
	g := v.q.Rules.grid(v.q.viewer(), v.earliest)
	for _, s := range v.pool() {
		g.fill(s)
	}
	from, _ := slices.BinarySearch(g.starts, window.a)
	to, _ := slices.BinarySearch(g.starts, window.b)
	return slices.DeleteFunc(g.starts[from:max(from, to)], v.beyondQuota)
}

// pool returns the ranges in which the grid is placed, in order: where every need with a single candidate is free,
// once for each candidate of the first need with several. Further needs with several only narrow the pool; choose
// decides between them.
func (v *view) pool() []span {
	if len(v.needs) == 0 {
		return nil
	}
	common, choice := v.common()
	if choice == nil {
		return v.long(common)
	}
	runs := make([][]span, len(choice.able))
	for i := range choice.able {
		if runs[i] = v.free(&choice.able[i]); common != nil {
			runs[i] = intersect(common, runs[i])
		}
		runs[i] = v.long(runs[i])
	}
	return inOrder(runs)
}

// common returns where all needs but the first with several candidates are met; nil if there is no other need.
func (v *view) common() (common []span, choice *need) {
	meet := func(s []span) {
		if common == nil {
			common = append([]span{}, s...)
			return
		}
		common = intersect(common, s)
	}
	for i := range v.needs {
		switch n := &v.needs[i]; {
		case len(n.able) == 1:
			meet(v.free(&n.able[0]))
		case choice == nil && len(n.able) > 0:
			choice = n
		default:
			var either []span
			for k := range n.able {
				either = append(either, v.free(&n.able[k])...)
			}
			meet(merge(either))
		}
	}
	return common, choice
}

// long returns the spans that an appointment fits into. The others cannot shape the grid.
func (v *view) long(in []span) []span {
	out := make([]span, 0, len(in))
	for _, s := range in {
		if s.b-s.a >= int64(v.q.Rules.Duration) && s.b > v.earliest {
			out = append(out, s)
		}
	}
	return out
}

// choose chooses a candidate for every need at a start: the first of each, unless two needs would have to share one
// that has no room for both. It must be called with rising starts.
func (v *view) choose(at int64) bool {
	slot := span{at, at + int64(v.q.Rules.Duration)}
	contested := false
	for i := range v.needs {
		n := &v.needs[i]
		if n.chosen = v.firstFrom(n, 0, slot); n.chosen < 0 {
			return false
		}
		contested = contested || slices.ContainsFunc(v.needs[:i], func(other need) bool {
			return other.able[other.chosen].ID == n.able[n.chosen].ID
		})
	}
	return !contested || v.share(slot)
}

// firstFrom returns the place of the first candidate of a need, from a place on, that is free in a slot, or -1.
func (v *view) firstFrom(n *need, place int, slot span) int {
	for k := place; k < len(n.able); k++ {
		if c := &n.able[k]; c.soonest <= slot.a && v.fits(c, slot) {
			return k
		}
	}
	return -1
}

// fits reports whether a candidate is free in a slot. If not, it sets the soonest start at which it may be. It must be
// called with rising slots of one length.
func (v *view) fits(c *candidate, slot span) bool {
	for c.inOpen < len(c.open) && c.open[c.inOpen].b < slot.b {
		c.inOpen++
	}
	switch {
	case c.inOpen == len(c.open):
		c.soonest = forever
		return false
	case slot.a < c.open[c.inOpen].a:
		c.soonest = c.open[c.inOpen].a
		return false
	}
	until := v.takenUntil(c, slot)
	c.soonest = max(c.soonest, until)
	return until <= slot.a
}

// takenUntil returns the end of what is taken of a candidate in a slot, or the start of the slot.
func (v *view) takenUntil(c *candidate, slot span) int64 {
	v.prepare(c)
	if !c.plain {
		for c.inTaken < len(c.taken) && c.taken[c.inTaken].b <= slot.a {
			c.inTaken++
		}
		if c.inTaken < len(c.taken) && c.taken[c.inTaken].a < slot.b {
			return c.taken[c.inTaken].b
		}
		return slot.a
	}
	before, after := int64(v.q.Rules.BufferBefore), int64(v.q.Rules.BufferAfter)
	for c.inTaken < len(c.Held) && c.Held[c.inTaken].to+before <= slot.a {
		c.inTaken++
	}
	if c.inTaken < len(c.Held) && c.Held[c.inTaken].from-after < slot.b {
		return c.Held[c.inTaken].to + before
	}
	return slot.a
}

// share chooses the candidates of needs that want the same ones.
func (v *view) share(slot span) bool {
	numbers, room := make(map[string]int), []int(nil)
	demands := make([]demand, len(v.needs))
	free := make([][]int, len(v.needs)) // the places of the free candidates of each need
	for i := range v.needs {
		n := &v.needs[i]
		for k := n.chosen; k >= 0; k = v.firstFrom(n, k+1, slot) {
			free[i] = append(free[i], k)
			c := &n.able[k]
			r, known := numbers[c.ID]
			if !known {
				r = len(room)
				numbers[c.ID] = r
				used, _ := v.peak(*c, slot)
				room = append(room, c.units()-used)
			}
			demands[i].add(r, c.takes)
		}
	}
	places := assign(demands, room)
	for i, place := range places {
		v.needs[i].chosen = free[i][place]
	}
	return places != nil
}

func (v *view) appendChosen(names []string) []string {
	for _, n := range v.needs {
		names = append(names, n.able[n.chosen].ID)
	}
	return names
}
