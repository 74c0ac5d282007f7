package availability

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Hours are local times of one date, counted from its midnight. The end of the day is 24:00. Hours that run past
// midnight are written past it (22:00 to 26:00) and belong to the date they began on.
type Hours struct{ From, To time.Duration }

// latest is how far past its midnight the hours of a date may run.
const latest = 48 * time.Hour

// ParseHours parses two clock times. It refuses an end before its start. Equal times are allowed and mean no hours.
func ParseHours(from, to string) (Hours, error) {
	f, err := ParseClock(from)
	if err != nil {
		return Hours{}, err
	}
	t, err := ParseClock(to)
	if err != nil {
		return Hours{}, err
	}
	h := Hours{f, t}
	return h, h.check()
}

func (h Hours) check() error {
	switch {
	case h.To < h.From:
		return fmt.Errorf("the hours end (%s) before they start (%s): hours past midnight are written past 24:00, "+
			"such as 22:00 to 26:00", Clock(h.To), Clock(h.From))
	case h.From < 0 || h.To > latest:
		return fmt.Errorf("the hours %s to %s are out of range: they may run from 00:00 to 48:00",
			Clock(h.From), Clock(h.To))
	}
	return nil
}

// ParseClock parses 09:30 or 09:30:00, up to 48:00, as the time since midnight.
func ParseClock(s string) (time.Duration, error) {
	parts := strings.Split(s, ":")
	var of [3]int
	bad := len(parts) < 2 || len(parts) > 3
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if bad = bad || err != nil || len(p) != 2 || n < 0 || i > 0 && n > 59; bad {
			return 0, fmt.Errorf("%q is not a time of day: write it as 09:30", s)
		}
		of[i] = n
	}
	d := time.Duration(of[0])*time.Hour + time.Duration(of[1])*time.Minute + time.Duration(of[2])*time.Second
	if bad || d > latest {
		return 0, fmt.Errorf("%q is not a time of day: write it as 09:30, at most 48:00", s)
	}
	return d, nil
}

// Clock formats a time since midnight as ParseClock reads it.
type Clock time.Duration

func (c Clock) String() string {
	d := time.Duration(c)
	s := fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	if d%time.Minute != 0 {
		s += fmt.Sprintf(":%02d", int(d.Seconds())%60)
	}
	return s
}

// Weekly are hours that recur on some days of the week.
type Weekly struct {
	Days []time.Weekday
	Hours
}

// Override replaces the weekly hours of one date. Several for one date add up; one without hours closes it.
type Override struct {
	Date  Date
	Hours []Hours
}

// Days is a range of dates, both ends included. A zero To means without end.
type Days struct{ From, To Date }

// Contains reports whether a date is in the range.
func (r Days) Contains(d Date) bool {
	return d.Compare(r.From) >= 0 && (r.To.IsZero() || d.Compare(r.To) <= 0)
}

// Stay is the zone of the hours on some dates, for somebody who travels.
type Stay struct {
	Days
	Zone *time.Location
}

// Schedule is when a resource works at one location.
type Schedule struct {
	Zone      *time.Location
	Weekly    []Weekly
	Overrides []Override
	Stays     []Stay // the first that contains a date sets its zone
	Blocks    []TimeBlock
	Away      []Days // out of office and holidays; they close those dates in any case
}

// sameWeek reports whether two schedules are the same weekly hours in the same zone, and nothing else.
func (s Schedule) sameWeek(other Schedule) bool {
	plain := func(s Schedule) bool {
		return len(s.Overrides) == 0 && len(s.Stays) == 0 && len(s.Blocks) == 0 && len(s.Away) == 0
	}
	return s.Zone == other.Zone && plain(s) && plain(other) &&
		slices.EqualFunc(s.Weekly, other.Weekly, func(a, b Weekly) bool {
			return a.Hours == b.Hours && slices.Equal(a.Days, b.Days)
		})
}

// Check returns an error for a schedule that Open could not expand.
func (s Schedule) Check() error {
	if s.Zone == nil {
		return errors.New("the schedule has no time zone: name one, such as Europe/Berlin")
	}
	for _, w := range s.Weekly {
		if err := w.check(); err != nil {
			return err
		}
		for _, d := range w.Days {
			if d < time.Sunday || d > time.Saturday {
				return fmt.Errorf("day %d is not a day of the week: 0 is Sunday, 6 is Saturday", d)
			}
		}
	}
	for _, o := range s.Overrides {
		for _, h := range o.Hours {
			if err := h.check(); err != nil {
				return fmt.Errorf("on %s %w", o.Date, err)
			}
		}
	}
	for _, b := range s.Blocks {
		if b.End.Before(b.Start) {
			return fmt.Errorf("the time block ends (%s) before it starts (%s): swap the two",
				b.End.Format(time.RFC3339), b.Start.Format(time.RFC3339))
		}
	}
	return nil
}

// Open expands the schedule for a service at a location ("" for any). It returns the ranges in which the resource
// works, merged: all that intersect the window, not cut to it. Hours that continue for more than a week count as
// endless and are expanded to a day on either side of the window.
func (s Schedule) Open(window Interval, service, location string) []Interval {
	w := window.span()
	open := s.open(w, service, location)
	return intervals(slices.DeleteFunc(open, func(o span) bool { return !o.overlaps(w) }))
}

// open is Open, and also returns the span that was expanded.
func (s Schedule) open(w span, service, location string) []span {
	near := s.expand(w, service, location)
	if !cut(near, w) {
		return near
	}
	const reach = int64(8 * 24 * time.Hour)
	far := span{w.a - reach, w.b + reach}
	if whole := s.expand(far, service, location); !slices.ContainsFunc(whole, func(o span) bool {
		return o.overlaps(w) && cut([]span{o}, far)
	}) {
		return whole
	}
	return near
}

// cut reports whether ranges come so near to the edge of the dates around a window that they may continue beyond it.
// A day may have 23 hours.
func cut(open []span, w span) bool {
	const edge = int64(23 * time.Hour)
	return slices.ContainsFunc(open, func(o span) bool {
		return o.overlaps(w) && (o.a <= w.a-edge || o.b >= w.b+edge)
	})
}

func (s Schedule) expand(w span, service, location string) []span {
	dates := s.around(w)
	blocks := s.blocksFor(w, service, location)
	return s.withoutAway(dates, s.withBlocks(blocks, s.hours(dates, s.replaced(blocks, dates))))
}

// around returns the dates whose hours may reach into the window.
func (s Schedule) around(w span) []Date {
	back := -1
	for _, h := range s.all() {
		back = min(back, -int((h.To+24*time.Hour-1)/(24*time.Hour)))
	}
	from, to := s.dateAt(w.a).AddDays(back), s.dateAt(w.b).AddDays(1)
	if len(s.Stays) > 0 { // zones may be a day apart
		from, to = from.AddDays(-1), to.AddDays(1)
	}
	var dates []Date
	for d := from; d.Compare(to) <= 0; d = d.AddDays(1) {
		dates = append(dates, d)
	}
	return dates
}

func (s Schedule) all() []Hours {
	var all []Hours
	for _, w := range s.Weekly {
		all = append(all, w.Hours)
	}
	for _, o := range s.Overrides {
		all = append(all, o.Hours...)
	}
	return all
}

func (s Schedule) dateAt(ns int64) Date { return DateAt(time.Unix(0, ns), s.Zone) }

// hours returns the regular hours of some dates, except of dates that are replaced.
func (s Schedule) hours(dates []Date, replaced map[Date]bool) []span {
	given := map[Date][]Hours{}
	for _, o := range s.Overrides {
		given[o.Date] = append(given[o.Date], o.Hours...)
	}
	var out []span
	for _, d := range dates {
		if replaced[d] || s.away(d) {
			continue
		}
		day, overridden := given[d]
		if !overridden {
			day = s.weekday(d.Weekday())
		}
		for _, h := range day {
			zone := s.zoneOn(d)
			out = append(out, span{nanos(Resolve(d, h.From, zone)), nanos(Resolve(d, h.To, zone))})
		}
	}
	return merge(out)
}

func (s Schedule) weekday(day time.Weekday) []Hours {
	var out []Hours
	for _, w := range s.Weekly {
		if slices.Contains(w.Days, day) {
			out = append(out, w.Hours)
		}
	}
	return out
}

func (s Schedule) zoneOn(d Date) *time.Location {
	for _, stay := range s.Stays {
		if stay.Contains(d) {
			return stay.Zone
		}
	}
	return s.Zone
}

func (s Schedule) away(d Date) bool {
	return slices.ContainsFunc(s.Away, func(r Days) bool { return r.Contains(d) })
}

// never reports whether a schedule has no hours on any date.
func (s Schedule) never() bool {
	adds := func(b TimeBlock) bool { return b.Available }
	return len(s.Weekly) == 0 && len(s.Overrides) == 0 && !slices.ContainsFunc(s.Blocks, adds)
}
