package availability

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Interval is [Start, End): it contains its start and not its end. If End is not after Start it is empty.
type Interval struct{ Start, End time.Time }

// NewInterval returns an interval. It refuses an end before its start; an end equal to its start is allowed and
// empty.
func NewInterval(start, end time.Time) (Interval, error) {
	if end.Before(start) {
		return Interval{}, fmt.Errorf("the interval ends (%s) before it starts (%s): swap the two",
			end.Format(time.RFC3339Nano), start.Format(time.RFC3339Nano))
	}
	return Interval{start, end}, nil
}

// Contains reports whether an instant is in the interval.
func (i Interval) Contains(t time.Time) bool { return !t.Before(i.Start) && t.Before(i.End) }

// Merge returns a set of instants in its canonical form: sorted and disjoint, without empty intervals, with touching
// ones joined.
func Merge(set []Interval) []Interval { return intervals(merge(spans(set))) }

// Subtract returns the instants of a that are not in b, merged.
func Subtract(a, b []Interval) []Interval {
	return intervals(subtract(merge(spans(a)), merge(spans(b))))
}

// Intersect returns the instants that are in every set, merged. Of no sets it returns none.
func Intersect(sets ...[]Interval) []Interval {
	if len(sets) == 0 {
		return nil
	}
	all := merge(spans(sets[0]))
	for _, set := range sets[1:] {
		all = intersect(all, merge(spans(set)))
	}
	return intervals(all)
}

// span is an Interval in nanoseconds since 1970 UTC. Comparing time.Time made the merges slow.
type span struct{ a, b int64 }

func (i Interval) span() span { return span{nanos(i.Start), nanos(i.End)} }

func (s span) interval() Interval { return Interval{instant(s.a), instant(s.b)} }

func (s span) overlaps(o span) bool { return s.a < o.b && o.a < s.b }

func (s span) covers(o span) bool { return s.a <= o.a && o.b <= s.b }

func nanos(t time.Time) int64 { return domain.Nanos(t) }

func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

func spans(set []Interval) []span {
	out := make([]span, 0, len(set))
	for _, i := range set {
		if i.Start.Before(i.End) {
			out = append(out, i.span())
		}
	}
	return out
}

func intervals(set []span) []Interval {
	out := make([]Interval, len(set))
	for i, s := range set {
		out[i] = s.interval()
	}
	return out
}

func byStart(x, y span) int {
	if x.a != y.a {
		return cmp.Compare(x.a, y.a)
	}
	return cmp.Compare(x.b, y.b)
}

// sorted sorts spans by start, in place. It costs one pass if they are sorted already.
func sorted(set []span) []span {
	if !slices.IsSortedFunc(set, byStart) {
		slices.SortFunc(set, byStart)
	}
	return set
}

// merge sorts and joins spans in place.
func merge(set []span) []span {
	sorted(set)
	out := set[:0]
	for _, s := range set {
		switch last := len(out) - 1; {
		case s.a >= s.b:
		case last >= 0 && s.a <= out[last].b:
			out[last].b = max(out[last].b, s.b)
		default:
			out = append(out, s)
		}
	}
	return out
}

// subtract removes b from a in one pass over two merged sets.
func subtract(a, b []span) []span {
	out := make([]span, 0, len(a)+len(b))
	j := 0
	for _, s := range a {
		for j < len(b) && b[j].b <= s.a {
			j++
		}
		from := s.a
		for k := j; k < len(b) && b[k].a < s.b; k++ {
			if from < b[k].a {
				out = append(out, span{from, b[k].a})
			}
			from = max(from, b[k].b)
		}
		if from < s.b {
			out = append(out, span{from, s.b})
		}
	}
	return out
}

// intersect returns the common instants in one pass over two merged sets.
func intersect(a, b []span) []span {
	out := make([]span, 0, max(len(a), len(b)))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if from, to := max(a[i].a, b[j].a), min(a[i].b, b[j].b); from < to {
			out = append(out, span{from, to})
		}
		if a[i].b < b[j].b {
			i++
		} else {
			j++
		}
	}
	return out
}

// inOrder merges runs that are each sorted, two by two, between two buffers. That is far cheaper than sorting what is
// almost sorted.
func inOrder(runs [][]span) []span {
	if len(runs) == 1 {
		return runs[0]
	}
	ends := make([]int, len(runs))
	for i, r := range runs {
		if ends[i] = len(r); i > 0 {
			ends[i] += ends[i-1]
		}
	}
	from := slices.Concat(runs...)
	to := make([]span, 0, len(from))
	for len(ends) > 1 {
		begin, left := 0, ends[:0]
		for i := 0; i < len(ends); i += 2 {
			middle, end := ends[i], ends[min(i+1, len(ends)-1)]
			to = zip(to, from[begin:middle], from[middle:end])
			begin, left = end, append(left, end)
		}
		from, to, ends = to, from[:0], left
	}
	return from
}

// zip merges two runs into out, in order.
func zip(out, x, y []span) []span {
	for len(x) > 0 && len(y) > 0 {
		if x[0].a < y[0].a || x[0].a == y[0].a && x[0].b <= y[0].b {
			out, x = append(out, x[0]), x[1:]
		} else {
			out, y = append(out, y[0]), y[1:]
		}
	}
	return append(append(out, x...), y...)
}

// holding returns the span of a merged set that contains all of s.
func holding(set []span, s span) (span, bool) {
	i, found := slices.BinarySearchFunc(set, s.a, func(x span, at int64) int { return cmp.Compare(x.a, at) })
	if !found {
		i--
	}
	if i < 0 || !set[i].covers(s) {
		return span{}, false
	}
	return set[i], true
}
