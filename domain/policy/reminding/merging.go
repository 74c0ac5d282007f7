package reminding

import (
	"time"

	"github.com/clickbook/clickbook/domain/message"
)

// SameMinute is the reason to suppress a reminder because another one of the visit goes by the same channel in the
// same minute: several rules are moved before the same quiet time, or were missed in the same downtime.
const SameMinute = "same_minute"

// SameHour reports whether two instants are at most an hour apart. Two emails about one visit in an hour are one too
// many.
func SameHour(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Hour }

// Nearer reports whether a reminder is sent at an instant in place of another one: the instant is nearer to the time
// that its rule wants, or as near and it comes first in the rules.
func (r Reminder) Nearer(other Reminder, at time.Time, first bool) bool {
	mine, others := r.Wanted.Sub(at).Abs(), other.Wanted.Sub(at).Abs()
	return mine < others || mine == others && first
}

// onePerMinute suppresses all but the nearest of the reminders that are due in the same minute by the same channel.
func onePerMinute(plan []Reminder) []Reminder {
	for i := range plan {
		for j := range plan {
			if i != j && meet(plan[i], plan[j]) && plan[i].Nearer(plan[j], plan[j].DueAt, i < j) {
				plan[j].Suppressed = SameMinute
			}
		}
	}
	return plan
}

// meet reports whether two reminders go out in the same minute by the same channel.
func meet(a, b Reminder) bool {
	return a.Suppressed == "" && b.Suppressed == "" && a.Channel == b.Channel &&
		a.DueAt.Truncate(time.Minute).Equal(b.DueAt.Truncate(time.Minute))
}

// Meet divides the reminders that are due at an instant, because they were missed or deferred, into those that are
// sent and those in whose place another one goes by the same channel. Those that are suppressed anyway are sent: to
// be suppressed for their own reason.
func Meet(due []Reminder, at time.Time) (sent, beaten []Reminder) {
	for i, one := range due {
		lost := false
		for j, other := range due {
			lost = lost || i != j && one.Suppressed == "" && other.Suppressed == "" && one.Channel == other.Channel &&
				other.Nearer(one, at, j < i)
		}
		if lost {
			one.Suppressed = SameMinute
			beaten = append(beaten, one)
		} else {
			sent = append(sent, one)
		}
	}
	return sent, beaten
}

// Overtaken reports whether a text that waited through the quiet time has become the second of its visit: the reminder
// of another rule has become due in the meantime.
func Overtaken(text message.State, plan []Reminder, now time.Time) bool {
	if text.Until.IsZero() || text.Rule == "" {
		return false
	}
	for _, other := range plan {
		if other.Rule != text.Rule && other.Channel == message.SMS && other.Suppressed == "" &&
			other.DueAt.After(text.ScheduledFor) && !other.DueAt.After(now) {
			return true
		}
	}
	return false
}
