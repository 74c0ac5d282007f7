package availability

import (
	"cmp"
	"slices"
	"time"
)

// Busy is what is taken of a resource: an appointment, a hold, or an event of a foreign calendar. Buffers are the
// ones of what is there; they add up with those of what is asked for. A foreign event has none of its own.
type Busy struct {
	Interval
	Units        int // zero means 1; Everything for the whole resource
	BufferBefore time.Duration
	BufferAfter  time.Duration
	Ref          string    // the appointment, so that moving it does not meet itself
	Holder       string    // who holds it, so that a holder does not meet their own hold
	Expires      time.Time // a hold's end of life; zero: it does not expire
	Counts       bool      // counts towards limits: an appointment of the service asked for
}

// Everything takes all units, however many there are: an event of a foreign calendar, a repair.
const Everything = 1 << 30

func (b *Busy) units() int { return max(b.Units, 1) }

// stands tells whether something taken blocks whoever asks. What lasts no time takes nothing.
func (b *Busy) stands(q *Query) bool {
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

// blocked is the span in which no appointment under these rules may overlap b.
func (b *Busy) blocked(r *Rules) span {
	return span{
		b.Start.UnixNano() - int64(b.BufferBefore) - int64(r.BufferAfter),
		b.End.UnixNano() + int64(b.BufferAfter) + int64(r.BufferBefore),
	}
}

// short returns where fewer than need units are left of a capacity, merged.
func (q *Query) short(busy []Busy, capacity, need int) []span {
	if need > capacity {
		return []span{{-forever, forever}}
	}
	out := make([]span, 0, len(busy))
	for i := range busy {
		switch b := &busy[i]; {
		case !b.stands(q):
		case b.units()+need <= capacity: // it leaves room, so the sum over several decides
			return q.sweep(busy, capacity, need)
		default:
			out = append(out, b.blocked(&q.Rules))
		}
	}
	return merge(out)
}

// sweep passes once over all beginnings and ends, summing units.
func (q *Query) sweep(busy []Busy, capacity, need int) []span {
	type edge struct {
		at    int64
		units int
	}
	edges := make([]edge, 0, 2*len(busy))
	for i := range busy {
		if b := &busy[i]; b.stands(q) {
			s := b.blocked(&q.Rules)
			edges = append(edges, edge{s.a, b.units()}, edge{s.b, -b.units()})
		}
	}
	slices.SortFunc(edges, func(x, y edge) int {
		if x.at != y.at {
			return cmp.Compare(x.at, y.at)
		}
		return cmp.Compare(x.units, y.units) // what ends here ends before what begins here
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
