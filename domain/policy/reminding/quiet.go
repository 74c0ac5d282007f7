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
	local := at.In(zone)
	minute := local.Hour()*60 + local.Minute()
	overnight := q.FromMin > q.ToMin
	evening, morning := minute >= q.FromMin, minute < q.ToMin
	if overnight && !evening && !morning || !overnight && (!evening || !morning) {
		return at
	}
	day := local.Day()
	if overnight && !evening {
		day-- // the quiet time began the day before
	}
	began := time.Date(local.Year(), local.Month(), day, 0, q.FromMin, 0, 0, zone)
	if began.After(at) { // a clock that is set back repeats minutes: use the earlier instant
		began = at
	}
	return began.Add(-margin)
}
