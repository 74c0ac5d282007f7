package reminding

import "time"

// Quiet is the part of the local day in which nobody is disturbed, in minutes from midnight: FromMin inclusive, ToMin
// exclusive. If FromMin is after ToMin it runs over midnight. If they are equal there is no quiet time.
type Quiet struct{ FromMin, ToMin int }

// Nights are the default quiet hours: 21:00 to 08:00.
var Nights = Quiet{FromMin: 21 * 60, ToMin: 8 * 60}

// margin is how long before the quiet time a message is sent that would fall into it. It leaves a slow queue time to
// finish.
const margin = 15 * time.Minute

// Before moves an instant in the quiet time to just before it. It never moves an instant later, so a message is never
// less useful than requested. An instant outside the quiet time stays.
func (q Quiet) Before(at time.Time, zone *time.Location) time.Time {
	if !q.covers(at, zone) {
		return at
	}
	local := at.In(zone)
	day := local.Day()
	if q.overnight() && minuteOf(local) < q.FromMin {
		day-- // the quiet time began the day before
	}
	began := time.Date(local.Year(), local.Month(), day, 0, q.FromMin, 0, 0, zone)
	if began.After(at) { // a clock that is set back repeats minutes: use the earlier instant
		began = at
	}
	return began.Add(-margin)
}

// End returns when a text may be sent that is ready at an instant: at once outside the quiet time, else when it ends.
func (q Quiet) End(at time.Time, zone *time.Location) time.Time {
	if !q.covers(at, zone) {
		return at
	}
	local := at.In(zone)
	day := local.Day()
	if q.overnight() && minuteOf(local) >= q.FromMin {
		day++
	}
	ends := time.Date(local.Year(), local.Month(), day, 0, q.ToMin, 0, 0, zone)
	for !ends.After(at) || q.covers(ends, zone) { // a clock change repeats or leaves out the minute at which it ends
		ends = ends.Add(time.Minute)
	}
	return ends
}

func (q Quiet) covers(at time.Time, zone *time.Location) bool {
	minute := minuteOf(at.In(zone))
	if q.overnight() {
		return minute >= q.FromMin || minute < q.ToMin
	}
	return minute >= q.FromMin && minute < q.ToMin
}

func (q Quiet) overnight() bool { return q.FromMin > q.ToMin }

func minuteOf(local time.Time) int { return local.Hour()*60 + local.Minute() }
