package availability

import (
	"time"
)

// Limits bound what one resource, or one client, takes of a service in a period. Zero means no bound. An appointment
// counts in the period its start lies in; a period that is full is closed to whatever would touch it.
type Limits struct {
	Day, Week, Month, Year Limit
	WeekStart              time.Weekday // zero is Sunday
}

// Limit bounds one period by a number of appointments, by their time, or by both.
type Limit struct {
	Bookings int
	Time     time.Duration
}

func (l Limit) given() bool { return l.Bookings > 0 || l.Time > 0 }

// period finds the first date of the period a date lies in, and the first date after it.
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

// full returns the periods that have no room for one more appointment of a duration, merged.
func (l Limits) full(taken []Busy, duration time.Duration, zone *time.Location) []span {
	var out []span
	for _, p := range l.each() {
		if !p.limit.given() {
			continue
		}
		if p.limit.Time > 0 && duration > p.limit.Time {
			return []span{{-forever, forever}} // not even the first one fits
		}
		count, length := map[Date]int{}, map[Date]time.Duration{}
		for _, b := range taken {
			if b.Counts {
				first, _ := p.of(DateAt(b.Start, zone))
				count[first]++
				length[first] += b.End.Sub(b.Start)
			}
		}
		for first, n := range count {
			if p.limit.Bookings > 0 && n >= p.limit.Bookings || p.limit.Time > 0 && length[first]+duration > p.limit.Time {
				_, after := p.of(first)
				out = append(out, Interval{first.Start(zone), after.Start(zone)}.span())
			}
		}
	}
	return merge(out)
}
