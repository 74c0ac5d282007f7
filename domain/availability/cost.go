package availability

import "time"

// MaxCost bounds the cost of one query. A query of that cost takes some tenths of a second.
const MaxCost = 20_000_000

// rangeCost is what one range of hours costs, in candidates checked at a start.
const rangeCost = 10

// Cost estimates how much work Starts has, without doing it: the ranges of hours and of busy time that it expands, and
// the candidates that it may have to check at each start of the grid. It is an upper bound, in candidates checked.
func Cost(q Query) int {
	days := int(q.Window.End.Sub(q.Window.Start)/(24*time.Hour)) + 3 // with the dates around
	ranges, candidates := 0, 0
	seen := make(map[string]bool)
	for _, n := range q.Needs {
		candidates += len(n.AnyOf)
		for _, r := range n.AnyOf {
			if !seen[r.ID] {
				seen[r.ID] = true
				ranges += r.Schedule.rangesIn(days) + len(r.Open) + len(r.Busy) + len(r.Held)
			}
		}
	}
	every := q.Rules.Interval
	if every == 0 {
		every = q.Rules.Duration
	}
	every = max(every+q.Rules.Offset, time.Minute)
	return rangeCost*ranges + days*int(24*time.Hour/every)*candidates
}

// rangesIn returns how many ranges of hours a schedule has in so many days.
func (s Schedule) rangesIn(days int) int {
	weekly := 0
	for _, w := range s.Weekly {
		weekly += len(w.Days)
	}
	overrides := 0
	for _, o := range s.Overrides {
		overrides += len(o.Hours)
	}
	return weekly*(days/7+1) + overrides + len(s.Blocks) + len(s.Away)
}
