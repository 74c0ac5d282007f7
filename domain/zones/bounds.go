package zones

import "time"

// Bounds returns from when until when the offset of t's zone is the one at t. A zero time means that it has no such
// limit. Time.ZoneBounds also ends where the offset stays the same, at the end of a table or of a year. On the last day
// of a leap year after the end of the table it ends at or before t (Go 1.26), so following its ends never gets past it.
func Bounds(t time.Time) (start, end time.Time) {
	for at := t; ; at = end {
		if _, end = at.ZoneBounds(); end.IsZero() {
			break
		}
		if !end.After(at) {
			end = at.Add(24 * time.Hour)
		}
		if offset(end) != offset(t) {
			break
		}
	}
	for at := t; ; at = start.Add(-time.Second) {
		if start, _ = at.ZoneBounds(); start.IsZero() || offset(start.Add(-time.Second)) != offset(t) {
			return start, end
		}
	}
}

func offset(t time.Time) int {
	_, seconds := t.Zone()
	return seconds
}
