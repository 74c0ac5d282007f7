package availability

import (
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
	starts := view.starts(window)
	out := make([]Start, 0, len(starts))
	names := make([]string, 0, len(starts)*len(view.needs))
	for _, at := range starts {
		if from := len(names); view.choose(at) {
			names = view.appendChosen(names)
			out = append(out, Start{instant(at), names[from:len(names):len(names)]})
		}
	}
	return out
}

// view is the free time of every candidate around a window.
type view struct {
	*work
	window span
	needs  []need
}

type need struct {
	able   []candidate
	chosen int
}

// candidate is a resource with the ranges in which it can serve a need. cur moves forward as the starts rise.
type candidate struct {
	Resource
	takes int // units
	open  []span
	free  []span
	cur   int
}

// over expands the hours of each resource once, however many needs name it.
func (w *work) over(window span) *view {
	v := &view{work: w, window: window}
	type use struct {
		id    string
		units int
	}
	open, free := make(map[string][]span), make(map[use][]span)
	for _, n := range w.q.Needs {
		able := make([]candidate, len(n.AnyOf))
		for i, r := range n.AnyOf {
			takes := n.unitsOf(&r)
			c, wanted := candidate{Resource: r, takes: takes}, use{r.ID, takes}
			known := false
			if c.open, known = open[r.ID]; !known {
				c.open = w.open(r, window)
				open[r.ID] = c.open
			}
			if c.free, known = free[wanted]; !known {
				c.free = w.free(c)
				free[wanted] = c.free
			}
			able[i] = c
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

// free returns the hours of a candidate without full periods and without what leaves it too few units.
func (w *work) free(c candidate) []span {
	free := subtract(c.open, w.q.short(c.Busy, c.units(), c.takes))
	if full := w.q.Rules.Limits.full(w.q, c.Busy, c.zone(w.q)); len(full) > 0 {
		free = subtract(free, full)
	}
	if len(w.client) > 0 {
		free = subtract(free, w.client)
	}
	return free
}

// bookable returns the starts of the whole view that some candidates can serve.
func (v *view) bookable() []int64 {
	starts := v.starts(v.window)
	return slices.DeleteFunc(starts, func(at int64) bool { return !v.choose(at) })
}

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
	for i, c := range choice.able {
		if runs[i] = c.free; common != nil {
			runs[i] = intersect(common, c.free)
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
			meet(n.able[0].free)
		case choice == nil && len(n.able) > 0:
			choice = n
		default:
			var either []span
			for _, c := range n.able {
				either = append(either, c.free...)
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
		if n.chosen = n.firstFrom(0, slot); n.chosen < 0 {
			return false
		}
		contested = contested || slices.ContainsFunc(v.needs[:i], func(other need) bool {
			return other.able[other.chosen].ID == n.able[n.chosen].ID
		})
	}
	return !contested || v.share(slot)
}

// firstFrom returns the place of the first candidate, from a place on, that is free in a slot, or -1.
func (n *need) firstFrom(place int, slot span) int {
	for k := place; k < len(n.able); k++ {
		if n.able[k].fits(slot) {
			return k
		}
	}
	return -1
}

// fits reports whether a candidate is free in a slot. It must be called with rising slots.
func (c *candidate) fits(slot span) bool {
	for c.cur < len(c.free) && c.free[c.cur].b < slot.b {
		c.cur++
	}
	return c.cur < len(c.free) && c.free[c.cur].covers(slot)
}

// share chooses the candidates of needs that want the same ones.
func (v *view) share(slot span) bool {
	numbers, room := make(map[string]int), []int(nil)
	demands := make([]demand, len(v.needs))
	free := make([][]int, len(v.needs)) // the places of the free candidates of each need
	for i := range v.needs {
		n := &v.needs[i]
		for k := n.chosen; k >= 0; k = n.firstFrom(k+1, slot) {
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
