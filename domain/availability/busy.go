package availability

import (
	"cmp"
	"slices"
	"time"
)

// Busy is time that is taken of a resource: an appointment, a hold, or an event of a foreign calendar. Its buffers
// add up with those of the new appointment. A foreign event has no buffers.
type Busy struct {
	Interval
	Units        int // zero means 1; Everything means the whole resource
	BufferBefore time.Duration
	BufferAfter  time.Duration
	Ref          string    // the appointment; a move does not conflict with itself
	Holder       string    // who holds it; a holder does not conflict with their own hold
	Expires      time.Time // when a hold expires; zero means never
	Counts       bool      // counts towards limits, as an appointment of the same service
}

// Everything takes all units, however many there are: an event of a foreign calendar, a repair.
const Everything = 1 << 30

func (b *Busy) units() int { return max(b.Units, 1) }

// blocks reports whether b blocks this query. An empty interval takes nothing.
func (b *Busy) blocks(q *Query) bool {
	switch {
	case !b.Start.Before(b.End):
		return false
	case q.Moving != "" && b.Ref == q.Moving:
		return false
	case q.Holder != "" && b.Holder == q.Holder:
		return false
	}
	return b.Expires.IsZero() || b.Expires.After(q.Now)
}

// blocked returns the span in which no appointment under these rules may overlap b.
func (b *Busy) blocked(r *Rules) span {
	return span{
		nanos(b.Start) - int64(b.BufferBefore) - int64(r.BufferAfter),
		nanos(b.End) + int64(b.BufferAfter) + int64(r.BufferBefore),
	}
}

// Held is Busy without buffers, a reference or an expiry: it always blocks and counts towards no limit. It takes a
// sixth of the space.
type Held struct {
	from, to int64
	units    int
}

// HeldBy returns what an appointment holds between two instants of domain.Nanos; zero units mean 1.
func HeldBy(from, to int64, units int) Held {
	return Held{from, to, max(units, 1)}
}

// blocked is Busy.blocked.
func (h Held) blocked(r *Rules) span {
	return span{h.from - int64(r.BufferAfter), h.to + int64(r.BufferBefore)}
}

func (h Held) busy() *Busy {
	return &Busy{Interval: Interval{Start: instant(h.from), End: instant(h.to)}, Units: h.units}
}

// short returns the spans in which a resource has fewer than need units left, merged.
func (q *Query) short(r *Resource, need int) []span {
	capacity := r.units()
	if need > capacity {
		return []span{{-forever, forever}}
	}
	out := make([]span, 0, len(r.Busy)+len(r.Held))
	for i := range r.Busy {
		switch b := &r.Busy[i]; {
		case !b.blocks(q):
		case b.units()+need <= capacity: // it leaves room alone, so the sum decides
			return q.sweep(r, capacity, need)
		default:
			out = append(out, b.blocked(&q.Rules))
		}
	}
	for _, h := range r.Held {
		if h.units+need <= capacity {
			return q.sweep(r, capacity, need)
		}
		if h.from < h.to {
			out = append(out, h.blocked(&q.Rules))
		}
	}
	return merge(out)
}

// sweep visits all beginnings and ends in order, and sums the units in use.
func (q *Query) sweep(r *Resource, capacity, need int) []span {
	type edge struct {
		at    int64
		units int
	}
	edges := make([]edge, 0, 2*(len(r.Busy)+len(r.Held)))
	for i := range r.Busy {
		if b := &r.Busy[i]; b.blocks(q) {
			s := b.blocked(&q.Rules)
			edges = append(edges, edge{s.a, b.units()}, edge{s.b, -b.units()})
		}
	}
	for _, h := range r.Held {
		if h.from < h.to {
			s := h.blocked(&q.Rules)
			edges = append(edges, edge{s.a, h.units}, edge{s.b, -h.units})
		}
	}
	slices.SortFunc(edges, func(x, y edge) int {
		if x.at != y.at {
			return cmp.Compare(x.at, y.at)
		}
		return cmp.Compare(x.units, y.units) // an end comes before a beginning at the same instant
	})
	var out []span
	used, from := 0, int64(0)
	for _, e := range edges {
		before := used+need > capacity
		used += e.units
		switch after := used+need > capacity; {
		case after && !before:
			from = e.at
		case before && !after:
			out = append(out, span{from, e.at})
		}
	}
	return merge(out)
}
