package simulation

import (
	"cmp"
	"slices"
	"time"
)

// The record has no time of day. The simulation makes one up: the clinics are open from 07:00 to 22:00, and visits
// are scheduled from 08:00 to 17:00 in booking order.
const (
	clinicOpens, clinicCloses = "07:00", "22:00"
	planFromMin, planToMin    = 8 * 60, 17 * 60
	closesMin                 = 22 * 60
	visitMin                  = 15
)

// clinic is a neighbourhood of the record. It becomes one resource with enough units for its busiest quarter of an
// hour.
type clinic struct {
	name    string
	units   int
	visits  int
	busiest int // visits on its busiest day
}

// schedule gives every visit a time of day, and returns the clinics, by name, with the units that the visits take.
// The visits of a day are spread over the scheduled hours in booking order. One that was booked on the day itself
// starts after that.
func (r *record) schedule() []clinic {
	type dayOf struct {
		clinic string
		day    time.Time
	}
	days := make(map[dayOf][]*visit)
	for i := range r.visits {
		v := &r.visits[i]
		key := dayOf{v.clinic, v.day}
		days[key] = append(days[key], v)
	}
	clinics := make(map[string]*clinic)
	for key, visits := range days {
		c := clinics[key.clinic]
		if c == nil {
			c = &clinic{name: key.clinic}
			clinics[key.clinic] = c
		}
		c.visits += len(visits)
		c.busiest = max(c.busiest, len(visits))
		c.units = max(c.units, spread(visits))
	}
	result := make([]clinic, 0, len(clinics))
	for _, c := range clinics {
		result = append(result, *c)
	}
	slices.SortFunc(result, func(a, b clinic) int { return cmp.Compare(a.name, b.name) })
	return result
}

// spread schedules the visits of one clinic on one day, and returns how many share the fullest slot.
func spread(visits []*visit) int {
	slots := (planToMin - planFromMin) / visitMin
	taken := make(map[int]int)
	fullest := 0
	for i, v := range visits {
		minute := planFromMin + i*slots/len(visits)*visitMin
		if sinceMidnight := int(v.booked.Sub(v.day) / time.Minute); sinceMidnight >= 0 {
			next := (sinceMidnight/visitMin + 1) * visitMin // the first slot after it was booked
			minute = min(max(minute, next), closesMin-visitMin)
		}
		v.start = v.day.Add(time.Duration(minute) * time.Minute)
		taken[minute]++
		fullest = max(fullest, taken[minute])
	}
	return fullest
}
