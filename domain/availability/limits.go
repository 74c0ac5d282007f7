package availability

import (
	"time"
)

// Limits limits the appointments of a service that one resource, or one client, may have in a period. Zero means no
// limit. An appointment counts in the period of its start. A full period is closed to anything that would touch it.
type Limits struct {
	Day, Week, Month, Year Limit
	WeekStart              time.Weekday // zero is Sunday
}

// Limit limits one period by the number of appointments, by their total time, or by both.
type Limit struct {
	Bookings int
	Time     time.Duration
}

func (l Limit) given() bool { return l.Bookings > 0 || l.Time > 0 }

// period returns the first date of the period of a date, and the first date after it.
type period func(Date) (Date, Date)

func (l Limits) each() []struct {
	limit Limit
	of    period
} {
	return []struct {
		limit Limit
		of    period
	}{
		{l.Day, func(d Date) (Date, Date) { return d, d.AddDays(1) }},
		{l.Week, func(d Date) (Date, Date) {
			first := d.AddDays(-(int(d.Weekday()-l.WeekStart) + 7) % 7)
			return first, first.AddDays(7)
		}},
		{l.Month, func(d Date) (Date, Date) {
			first := Date{d.Year, d.Month, 1}
			return first, dateOf(first.utc().AddDate(0, 1, 0))
		}},
		{l.Year, func(d Date) (Date, Date) { return Date{d.Year, 1, 1}, Date{d.Year + 1, 1, 1} }},
	}
}

// full returns the periods without room for one more appointment of this length, merged.
func (l Limits) full(q *Query, taken []Busy, zone *time.Location) []span {
	var out []span
	duration := q.Rules.Duration
	for _, p := range l.each() {
		if !p.limit.given() {
			continue
		}
		if p.limit.Time > 0 && duration > p.limit.Time {
			return []span{{-forever, forever}} // not even one fits
		}
		for within, t := range tally(q, taken, p.of, zone) {
			if p.limit.Bookings > 0 && t.count >= p.limit.Bookings || p.limit.Time > 0 && t.time+duration > p.limit.Time {
				out = append(out, within)
			}
		}
	}
	return merge(out)
}

// total is what is taken in one period.
type total struct {
	count int
	time  time.Duration
}

// tally sums what counts, by period. Sorted items fall into the period of their neighbour, which saves most lookups.
func tally(q *Query, taken []Busy, of period, zone *time.Location) map[span]*total {
	sums := map[span]*total{}
	within, sum := span{}, &total{}
	for i := range taken {
		b := &taken[i]
		if !b.Counts || !b.blocks(q) {
			continue
		}
		if at := nanos(b.Start); at < within.a || at >= within.b {
			first, after := of(DateAt(b.Start, zone))
			within = Interval{first.Start(zone), after.Start(zone)}.span()
			if sum = sums[within]; sum == nil {
				sum = &total{}
				sums[within] = sum
			}
		}
		sum.count++
		sum.time += b.End.Sub(b.Start)
	}
	return sums
}

// Quota limits the appointments of a service, whatever resources serve them, by the local date of their start. Weeks
// begin on Monday (ISO 8601). Zero means no limit.
type Quota struct {
	Day    int // in a day
	Week   int // in a week
	Client int // of one client in a day
}

// Booked is an appointment of the service, for a Quota.
type Booked struct {
	Ref      string // the appointment
	Start    time.Time
	ByClient bool // of the client who asks
}

// full returns the periods in which no further appointment of the service, or of the client, may start.
func (r Quota) full(q *Query) (service, client []span) {
	zone := q.Home
	if zone == nil {
		zone = q.viewer()
	}
	byWeek := Limits{WeekStart: time.Monday}.each()
	day, week := byWeek[0].of, byWeek[1].of
	service = merge(append(fullOf(q, r.Day, false, day, zone), fullOf(q, r.Week, false, week, zone)...))
	return service, fullOf(q, r.Client, true, day, zone)
}

// fullOf counts each appointment once a period: one that is being moved within it has two starts there.
func fullOf(q *Query, limit int, byClient bool, of period, zone *time.Location) (out []span) {
	if limit == 0 {
		return nil
	}
	refs := map[span]map[string]bool{}
	for _, b := range q.Booked {
		if byClient && !b.ByClient || q.Moving != "" && b.Ref == q.Moving {
			continue
		}
		first, after := of(DateAt(b.Start, zone))
		within := Interval{first.Start(zone), after.Start(zone)}.span()
		if refs[within] == nil {
			refs[within] = map[string]bool{}
		}
		refs[within][b.Ref] = true
	}
	for within, counted := range refs {
		if len(counted) >= limit {
			out = append(out, within)
		}
	}
	return merge(out)
}

// starting returns the span of a set in which an instant is.
func starting(set []span, at int64) (span, bool) { return meeting(set, span{at, at + 1}) }
