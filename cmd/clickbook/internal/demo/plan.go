package demo

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Of the plan: how many days it goes back and ahead, and what happens in the outage that it plays.
const (
	daysBehind, daysAhead = 30, 30
	outageDaysAgo         = 9
	pastEveningDaysAgo    = 12
	day                   = 24 * time.Hour
)

// visit is one appointment of the plan, with all that becomes of it.
type visit struct {
	place         *place
	n             int
	client        int
	staff         string
	start, booked time.Time
	confirmed     time.Time // zero: never
	moved         time.Time // when it is moved to start; before that it starts at first
	first         time.Time
	cancelled     time.Time
	noShow        bool
	asks          bool // for an approval
}

// plan is a month behind and a month ahead, made up from a seed and a day.
type plan struct {
	clinic, school, traveller *place
	morning                   time.Time // when the demo begins to serve
	from                      time.Time // when the month behind begins
	banned                    domain.Interval
	visits                    []visit
	evenings                  []domain.Interval // when the teachers are there
	off                       []timeOff
	handsetsOff               map[string]bool // numbers that texts do not reach
}

// timeOff is a TimeBlock of one of the staff.
type timeOff struct {
	place  *place
	staff  string
	during domain.Interval
	known  time.Time // when it is added
}

// opening is the local time at which every demo begins, so that there is always a day in progress.
const opening = "10:20"

// newPlan makes up the months around a day, a local date of the clinic. The same seed and day make the same plan.
func newPlan(seed uint64, today time.Time) (*plan, error) {
	random := rand.New(rand.NewPCG(seed, uint64(today.Unix()/86400)))
	p := &plan{clinic: newClinic(random), school: newSchool(random), traveller: newTraveller(random)}
	var err error
	at := func(days int, clock string) time.Time {
		moment, invalid := p.clinic.at(today.AddDate(0, 0, days), clock)
		if invalid != nil {
			err = invalid
		}
		return moment
	}
	p.morning, p.from = at(0, opening), at(-daysBehind, "06:00")
	p.banned = domain.Interval{Start: at(-outageDaysAgo, "09:30"), End: at(-outageDaysAgo, "10:30")}
	for _, days := range []int{-pastEveningDaysAgo, 1} {
		for isWeekend(at(days, "12:00")) {
			days++
		}
		evening, invalid := p.school.evening(today.AddDate(0, 0, days))
		p.evenings, err = append(p.evenings, evening), errors.Join(err, invalid)
	}
	p.off = []timeOff{
		{p.clinic, "Luc Moreau", domain.Interval{Start: at(-20, "00:00"), End: at(-15, "00:00")}, p.from},
		{p.clinic, "Priya Raman", domain.Interval{Start: at(16, "00:00"), End: at(24, "00:00")}, p.from},
		{p.traveller, "Kit Marlow", domain.Interval{Start: at(18, "00:00"), End: at(21, "00:00")}, p.from},
		{p.traveller, "Kit Marlow", domain.Interval{Start: at(-6, "13:00"), End: at(-6, "18:00")}, p.from},
		{p.traveller, "Kit Marlow", domain.Interval{Start: at(8, "13:00"), End: at(8, "18:00")}, p.from},
	}
	m := &maker{plan: p, random: random, taken: make(map[string]bool), rooms: make(map[time.Time]int), at: at}
	m.ordinary(p.clinic, 0.64)
	m.ordinary(p.traveller, 0.6)
	m.evenings()
	p.off = append(p.off, m.sickAfternoon())
	for n := range p.visits {
		p.visits[n].n = n
	}
	m.unreached()
	m.asking()
	return p, err
}

func (p *place) evening(date time.Time) (during domain.Interval, err error) {
	from, err := p.at(date, "16:30")
	return domain.Interval{Start: from, End: from.Add(3 * time.Hour)}, err
}

func isWeekend(at time.Time) bool {
	return at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
}

// maker makes the visits of a plan.
type maker struct {
	*plan
	random *rand.Rand
	taken  map[string]bool
	rooms  map[time.Time]int
	at     func(days int, clock string) time.Time
}

// take reserves a start of one of the staff, and a room if the place has rooms. It fails if either is taken.
func (m *maker) take(p *place, who string, start time.Time) bool {
	key := p.form.Name + who + start.Format(time.RFC3339)
	if m.taken[key] || len(p.rooms) > 0 && m.rooms[start] >= len(p.rooms) {
		return false
	}
	for _, off := range m.off {
		if off.place == p && off.staff == who && off.during.Overlaps(domain.Interval{
			Start: start.Add(-time.Hour), End: start.Add(2 * time.Hour),
		}) {
			return false
		}
	}
	m.taken[key] = true
	m.rooms[start]++
	return true
}

// client draws a client who has no other visit at a time.
func (m *maker) client(p *place, when string) (drawn int) {
	for range 20 {
		drawn = m.random.IntN(len(p.clients))
		if key := fmt.Sprint(p.form.Name, when, drawn); !m.taken[key] {
			m.taken[key] = true
			break
		}
	}
	return drawn
}

// ordinary fills the ordinary weeks of a place: most of the past, less and less of the future.
func (m *maker) ordinary(p *place, share float64) {
	for days := -daysBehind + 1; days <= daysAhead; days++ {
		weekday := int(m.at(days, "12:00").Weekday())
		filled := share
		if days > 0 {
			filled = max(share*1.1-float64(days)*0.025, 0.08)
		}
		for _, who := range p.staff {
			if !slices.Contains(who.days, weekday) {
				continue
			}
			for _, clock := range who.starts {
				start := m.at(days, clock)
				if m.random.Float64() < filled && m.take(p, who.name, start) {
					m.visits = append(m.visits, m.visit(p, who, start))
				}
			}
		}
	}
}

// visit makes up what becomes of a visit.
func (m *maker) visit(p *place, who staff, start time.Time) visit {
	v := visit{place: p, client: m.client(p, start.Format(time.DateOnly)), staff: who.name, start: start}
	lead := time.Duration(30+m.random.IntN(12*24)) * time.Hour
	v.booked = m.byDay(start.Add(-lead))
	chance := m.random.Float64()
	switch {
	case chance < 0.05:
		v.noShow = true
	case chance < 0.10:
		v.cancelled = m.byDay(start.Add(-time.Duration(26+m.random.IntN(40)) * time.Hour))
	case chance < 0.16:
		days := m.dayOf(start) + 2
		first := m.at(days, who.starts[m.random.IntN(len(who.starts))])
		if slices.Contains(who.days, int(first.Weekday())) && m.take(p, who.name, first) {
			v.first, v.moved = first, m.byDay(start.Add(-time.Duration(28+m.random.IntN(20))*time.Hour))
		}
	case chance < 0.55:
		v.confirmed = m.byDay(start.Add(-time.Duration(2+m.random.IntN(18)) * time.Hour))
	}
	if !v.moved.IsZero() && !v.booked.Before(v.moved) {
		v.moved, v.first = time.Time{}, time.Time{}
	}
	if !v.cancelled.IsZero() && !v.booked.Before(v.cancelled) {
		v.cancelled = time.Time{}
	}
	return v
}

// dayOf returns how many days after today an instant is.
func (m *maker) dayOf(at time.Time) int {
	noon := m.at(0, "12:00")
	year, month, date := at.In(noon.Location()).Date()
	return int(math.Round(time.Date(year, month, date, 12, 0, 0, 0, noon.Location()).Sub(noon).Hours() / 24))
}

// byDay returns a moment between 8 and 20 o'clock of the same local day, and within the month behind.
func (m *maker) byDay(at time.Time) time.Time {
	moment := m.at(m.dayOf(at), "08:00").Add(time.Duration(m.random.IntN(12*60)) * time.Minute)
	switch {
	case moment.Before(m.from.Add(2 * time.Hour)):
		return m.from.Add(2*time.Hour + time.Duration(m.random.IntN(9*60))*time.Minute)
	case !moment.Before(m.morning):
		return m.morning.Add(-time.Duration(10+m.random.IntN(20*60)) * time.Minute)
	}
	return moment
}

// evenings books the parents' evenings. Most parents book the next one in the morning on which the ban begins.
func (m *maker) evenings() {
	for n, evening := range m.plan.evenings {
		for _, who := range m.school.staff {
			for start := evening.Start; start.Before(evening.End); start = start.Add(10 * time.Minute) {
				if m.random.Float64() > 0.62 {
					continue
				}
				v := visit{
					place: m.school, client: m.client(m.school, start.Format(time.RFC3339)), staff: who.name, start: start,
				}
				switch {
				case n == 0:
					v.booked = m.byDay(evening.Start.Add(-time.Duration(3+m.random.IntN(14)) * day))
					v.noShow = m.random.IntN(20) == 0
				case m.random.IntN(6) > 0:
					v.booked = m.banned.Start.Add(time.Duration(m.random.IntN(240)-30) * time.Minute)
				default:
					v.booked = m.byDay(m.banned.Start.Add(time.Duration(1+m.random.IntN(outageDaysAgo-1)) * day))
				}
				m.take(m.school, who.name, start)
				m.visits = append(m.visits, v)
			}
		}
	}
}

// sickAfternoon is an afternoon off that is added this morning, over visits that are booked: work for reception. It is
// the first afternoon after tomorrow with at least two visits of one of the staff.
func (m *maker) sickAfternoon() timeOff {
	for days := 2; ; days++ {
		afternoon := domain.Interval{Start: m.at(days, "13:00"), End: m.at(days, "18:00")}
		off := timeOff{m.clinic, m.clinic.staff[1].name, afternoon, m.morning.Add(-40 * time.Minute)}
		count := 0
		for _, v := range m.visits {
			if v.place == off.place && v.staff == off.staff && v.cancelled.IsZero() &&
				!v.start.Before(off.during.Start) && v.start.Before(off.during.End) {
				count++
			}
		}
		if count >= 2 || days > daysAhead {
			return off
		}
	}
}

// unreached chooses the clients whose handsets are off: three whose reminders were sent this morning or yesterday, for
// visits that are still to come.
func (m *maker) unreached() {
	m.handsetsOff = make(map[string]bool)
	soon := domain.Interval{Start: m.morning.Add(3 * time.Hour), End: m.morning.Add(23 * time.Hour)}
	for _, v := range m.visits {
		reminded := v.booked.Before(v.start.Add(-26*time.Hour)) && v.cancelled.IsZero() && v.moved.IsZero()
		phone := v.place.clients[v.client].phone
		if reminded && v.place == m.clinic && v.start.After(soon.Start) && v.start.Before(soon.End) &&
			v.client > 2 && v.confirmed.IsZero() && len(m.handsetsOff) < 3 {
			m.handsetsOff[phone] = true
		}
	}
}

// asking lets two clients ask for a home visit this morning, which waits for an approval.
func (m *maker) asking() {
	count := 0
	for n := range m.visits {
		v := &m.visits[n]
		if v.place == m.traveller && count < 2 && v.start.After(m.morning.Add(3*day)) {
			*v = visit{
				place: v.place, n: v.n, client: v.client, staff: v.staff, start: v.start, asks: true,
				booked: m.morning.Add(-time.Duration(20+15*count) * time.Minute),
			}
			count++
		}
	}
}
