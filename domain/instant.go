package domain

import "time"

// Years from FirstYear until before EndYear, in UTC, are the range of every date and instant that comes from outside.
// Nobody books or bills beyond it, so another year is a slip. The forms in which times are kept reach further: 64 bits
// of nanoseconds reach 2262, and RFC 3339 the year 9999.
const (
	FirstYear = 1900
	EndYear   = 2200
)

// ErrInstantRange refuses a date or an instant outside the range.
var ErrInstantRange = Refuse(Invalid, "instant_out_of_range",
	"dates and times are from the year 1900 to 2199; check the year")

// CheckInstant returns ErrInstantRange for an instant outside the range. Every door through which times come calls it:
// the API, imports and the flags of the command line.
func CheckInstant(at time.Time) error {
	if year := at.UTC().Year(); year < FirstYear || year >= EndYear {
		return ErrInstantRange
	}
	return nil
}

var (
	firstNanos = time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)
	lastNanos  = time.Date(2250, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Nanos returns an instant in nanoseconds since 1970 UTC. One before 1700 or after 2250 counts as that year, so that it
// keeps its order with all others: its nanoseconds would overflow, and 2300 would come before 1900. That leaves room on
// both sides for rules of years, so no sum with one overflows.
func Nanos(t time.Time) int64 {
	switch {
	case t.Before(firstNanos):
		t = firstNanos
	case t.After(lastNanos):
		t = lastNanos
	}
	return t.UnixNano()
}
