package reminding

import "time"

// quietHours is the reason to suppress a text in the quiet time that an email replaces.
const quietHours = "quiet_hours"

// Hour says what happens to a text that is ready to be sent: at most one field is set, and none if it is sent now.
type Hour struct {
	Wait     time.Time // the quiet time ends then, while the text is still useful
	Suppress string    // it ends too late: quiet_hours if an email replaces the text, else too_late
}

// Hour returns what happens to a text that is ready now. Ask it whenever a text is about to be queued or given to a
// provider: a plan made before an outage says nothing about the hour at which the outage ends.
func (q Quiet) Hour(now, usefulUntil time.Time, zone *time.Location, email bool) Hour {
	switch ends := q.End(now, zone); {
	case !ends.After(now):
		return Hour{}
	case ends.Before(usefulUntil):
		return Hour{Wait: ends}
	case email:
		return Hour{Suppress: quietHours}
	}
	return Hour{Suppress: "too_late"}
}
