package reminding

import "time"

// Quiet are the hours of the local day in which nobody is disturbed, in minutes from midnight, From included and To
// not. From after To runs over midnight; From equal to To is no quiet at all.
type Quiet struct{ FromMin, ToMin int }

// Nights are the quiet hours where nobody chose others: 21:00 to 08:00.
var Nights = Quiet{FromMin: 21 * 60, ToMin: 8 * 60}

// settle is how long before the quiet a message is sent that would have fallen into it: a queue that is worked off
// slowly must still be done in time.
const settle = 15 * time.Minute

// Before moves an instant out of the quiet, always to the earlier side, so that a message is never of less use than
// it was asked to be. An instant outside the quiet stays.
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
		day-- // the quiet began the day before
	}
	began := time.Date(local.Year(), local.Month(), day, 0, q.FromMin, 0, 0, zone)
	if began.After(at) { // a clock set back repeats minutes: keep to the earlier side
		began = at
	}
	return began.Add(-settle)
}
