package availability

import (
	"fmt"
	"slices"
	"time"
)

// Reason is one reason why a start cannot be booked.
type Reason struct {
	Code     Code
	Resource string   // the resource that is the cause, or ""
	Span     Interval // what is in the way, if anything
	NoHours  bool     // with OutsideHours: the resource has no hours at all
}

// Code is a kind of reason. Codes are stable and may be stored and translated.
type Code string

// The codes, in the order in which Explain returns them.
const (
	InThePast     Code = "in_the_past"
	ShortNotice   Code = "short_notice"
	BeyondHorizon Code = "beyond_horizon"
	ClientLimit   Code = "client_limit"
	NoResource    Code = "no_resource"
	OutsideHours  Code = "outside_hours"
	Blocked       Code = "blocked"
	Away          Code = "away"
	LimitReached  Code = "limit_reached"
	Taken         Code = "taken"
	WithinBuffer  Code = "within_buffer"
	NotTogether   Code = "not_together"
	OffGrid       Code = "off_grid"
)

var sentences = map[Code]string{
	InThePast:     "it is in the past",
	ShortNotice:   "it is sooner than the notice that this service requires",
	BeyondHorizon: "it is outside the dates that can be booked today",
	ClientLimit:   "the client has as many appointments in that period as the service allows",
	NoResource:    "the service names no resource that could serve it",
	OutsideHours:  "%s does not work then",
	Blocked:       "%s is blocked then",
	Away:          "%s is away on that date",
	LimitReached:  "%s has as many appointments in that period as the service allows",
	Taken:         "%s is taken then",
	WithinBuffer:  "%s needs the time before or after a neighbouring appointment",
	NotTogether:   "the free resources cannot serve all needs at the same time",
	OffGrid:       "appointments do not start at that minute: choose one of the starts offered",
}

// String returns the reason with ids and in UTC. Sentence is for people.
func (r Reason) String() string { return r.Sentence(r.Resource, time.UTC) }

// Sentence returns the reason with the name of its resource, and with its times in a zone.
func (r Reason) Sentence(resource string, zone *time.Location) string {
	s := sentences[r.Code]
	switch {
	case r.NoHours:
		s = "%s has no weekly hours; set them first"
	case r.Code == LimitReached && r.Resource == "":
		s = "the service has as many appointments in that period as it allows"
	}
	if r.Resource != "" {
		s = fmt.Sprintf(s, resource)
	}
	if !r.Span.Start.IsZero() {
		s += " (" + fromTo(r.Span.Start.In(zone), r.Span.End.In(zone)) + ")"
	}
	return s
}

// fromTo writes two times on one clock, without the second date if it is the first.
func fromTo(start, end time.Time) string {
	const minute = "2006-01-02 15:04"
	if DateAt(start, start.Location()) == DateAt(end, end.Location()) {
		return start.Format(minute) + " to " + end.Format("15:04")
	}
	return start.Format(minute) + " to " + end.Format(minute)
}

// Explain returns why an instant is not a start, ordered by code and by need. No reason means that it is one of
// Starts(q) if it is in the window. OffGrid alone means that all resources are free but the start is not offered now.
// What is offered moves with Now, so a start shown a moment ago may still be booked.
func Explain(q Query, at time.Time) []Reason {
	_, reasons := AssignStart(q, at)
	return reasons
}

// AssignStart returns the resources for an appointment at a start, or the reasons that Explain returns.
func AssignStart(q Query, at time.Time) ([]string, []Reason) {
	w := newWork(&q)
	assigned, reasons := w.assign(at)
	if len(reasons) > 0 {
		return nil, reasons
	}
	window := q.Window.span()
	if !q.Window.Contains(at) {
		window = span{nanos(at), nanos(at) + 1}
	}
	if v := w.over(window); !v.onGrid(nanos(at)) {
		return nil, []Reason{{Code: OffGrid}}
	}
	return assigned, nil
}

// AssignResources returns the resources for an appointment at an instant, on the grid or off it, or the reasons why
// there are none.
func AssignResources(q Query, at time.Time) ([]string, []Reason) { return newWork(&q).assign(at) }

// assign returns the resources for an appointment at an instant, or all reasons but OffGrid.
func (w *work) assign(at time.Time) ([]string, []Reason) {
	slot := span{nanos(at), nanos(at.Add(w.q.Rules.Duration))}
	reasons := w.untimely(slot)
	if len(w.q.Needs) == 0 {
		return nil, append(reasons, Reason{Code: NoResource})
	}
	v := w.over(slot)
	met := true
	for _, n := range v.needs {
		why := v.unmet(n, slot)
		met = met && len(why) == 0
		reasons = append(reasons, why...)
	}
	if met && !v.choose(slot.a) && len(reasons) == 0 {
		reasons = append(reasons, Reason{Code: NotTogether})
	}
	if len(reasons) > 0 {
		return nil, reasons
	}
	return v.appendChosen(nil), nil
}

// untimely returns the reasons that depend only on the instant.
func (w *work) untimely(slot span) []Reason {
	var out []Reason
	switch now := nanos(w.q.Now); {
	case slot.a < now:
		out = append(out, Reason{Code: InThePast})
	case slot.a < w.earliest:
		out = append(out, Reason{Code: ShortNotice, Span: span{now, w.earliest}.interval()})
	}
	bounds := w.q.Rules.Horizon.bounds(w.q, func(s span) []int64 { return w.over(s).bookable() })
	if slot.a < bounds.a || slot.a >= bounds.b {
		out = append(out, Reason{Code: BeyondHorizon})
	}
	_, overlaps := meeting(w.client, slot)
	if _, starts := starting(w.quotaOfClient, slot.a); overlaps || starts {
		out = append(out, Reason{Code: ClientLimit})
	}
	if full, starts := starting(w.quota, slot.a); starts {
		out = append(out, Reason{Code: LimitReached, Span: full.interval()})
	}
	return out
}

// unmet returns one reason for each candidate of a need that none can serve.
func (v *view) unmet(n need, slot span) []Reason {
	if len(n.able) == 0 {
		return []Reason{{Code: NoResource}}
	}
	var out []Reason
	for _, c := range n.able {
		why, unable := v.unable(c, slot)
		if !unable {
			return nil
		}
		out = append(out, why)
	}
	return out
}

// unable checks one candidate without the merged free time, so that Starts and Explain check each other.
func (v *view) unable(c candidate, slot span) (Reason, bool) {
	if _, ok := holding(c.open, slot); !ok {
		return Reason{Code: v.closed(c, slot), Resource: c.ID, NoHours: c.Resource.Open == nil && c.Schedule.never()}, true
	}
	full := v.q.Rules.Limits.full(v.q, c.Busy, c.zone(v.q))
	if s, hit := meeting(full, slot); hit {
		r := Reason{Code: LimitReached, Resource: c.ID}
		if s.a != -forever {
			r.Span = s.interval()
		}
		return r, true
	}
	return v.crowded(c, slot)
}

// crowded returns what takes the units that a candidate would need.
func (v *view) crowded(c candidate, slot span) (Reason, bool) {
	used, worst := v.peak(c, slot)
	switch {
	case used+c.takes <= c.units():
		return Reason{}, false
	case used == 0: // the need exceeds the capacity
		return Reason{Code: Taken, Resource: c.ID}, true
	case worst.span().overlaps(slot):
		return Reason{Code: Taken, Resource: c.ID, Span: worst.Interval}, true
	}
	return Reason{Code: WithinBuffer, Resource: c.ID, Span: worst.Interval}, true
}

// peak returns the most units of a candidate that are in use at one instant of a slot, and what brings them there. It
// sums everything that overlaps the slot, at each instant where the sum can rise.
func (v *view) peak(c candidate, slot span) (used int, worst *Busy) {
	var near []*Busy
	for i := range c.Busy {
		if b := &c.Busy[i]; b.blocks(v.q) && b.blocked(&v.q.Rules).overlaps(slot) {
			near = append(near, b)
		}
	}
	for _, h := range c.Held {
		if h.from < h.to && h.blocked(&v.q.Rules).overlaps(slot) {
			near = append(near, h.busy())
		}
	}
	worst = &Busy{}
	for _, rise := range near {
		at, sum := max(slot.a, rise.blocked(&v.q.Rules).a), 0
		for _, b := range near {
			if s := b.blocked(&v.q.Rules); s.a <= at && at < s.b {
				sum += b.units()
			}
		}
		if sum > used {
			used, worst = sum, rise
		}
	}
	return used, worst
}

// closed returns which part of a schedule closes a slot.
func (v *view) closed(c candidate, slot span) Code {
	s := c.Schedule
	if c.Resource.Open != nil || s.Zone == nil {
		return OutsideHours
	}
	if s.away(s.dateAt(slot.a)) {
		return Away
	}
	s.Away = nil
	dates, blocks := s.around(slot), s.blocksFor(slot, v.q.Service, v.q.Place)
	var adding []TimeBlock
	for _, b := range blocks {
		if b.Available {
			adding = append(adding, b)
		}
	}
	if _, ok := holding(s.withBlocks(adding, s.hours(dates, s.replaced(blocks, dates))), slot); ok {
		return Blocked
	}
	return OutsideHours
}

// meeting returns the first span of a merged set that overlaps s.
func meeting(set []span, s span) (span, bool) {
	i := slices.IndexFunc(set, func(x span) bool { return x.overlaps(s) })
	if i < 0 {
		return span{}, false
	}
	return set[i], true
}
