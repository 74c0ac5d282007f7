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

// short returns the spans in which fewer than need units of a capacity are left, merged.
func (q *Query) short(busy []Busy, capacity, need int) []span {
	if need > capacity {
		return []span{{-forever, forever}}
	}
	out := make([]span, 0, len(busy))
	for i := range busy {
		switch b := &busy[i]; {
		case !b.blocks(q):
		case b.units()+need <= capacity: // it leaves room alone, so the sum decides
			return q.sweep(busy, capacity, need)
		default:
			out = append(out, b.blocked(&q.Rules))
		}
	}
	return merge(out)
}

// sweep visits all beginnings and ends in order, and sums the units in use.
func (q *Query) sweep(busy []Busy, capacity, need int) []span {
	type edge struct {
		at    int64
		units int
	}
	edges := make([]edge, 0, 2*len(busy))
	for i := range busy {
		if b := &busy[i]; b.blocks(q) {
			s := b.blocked(&q.Rules)
			edges = append(edges, edge{s.a, b.units()}, edge{s.b, -b.units()})
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
