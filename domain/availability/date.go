package availability

import (
	"fmt"
	"time"
)

// Date is a calendar day without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate parses a date: 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date: write it as 2024-05-31", s)
	}
	return dateOf(t), nil
}

// DateAt returns the local date of an instant.
func DateAt(t time.Time, zone *time.Location) Date { return dateOf(t.In(zone)) }

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// AddDays returns the date n calendar days later.
func (d Date) AddDays(n int) Date { return dateOf(d.utc().AddDate(0, 0, n)) }

// Compare returns a negative number if d is earlier, 0 if the dates are equal.
func (d Date) Compare(o Date) int { return d.utc().Compare(o.utc()) }

// Start returns the instant at which the date begins in a zone.
func (d Date) Start(zone *time.Location) time.Time { return Resolve(d, 0, zone) }

// IsZero reports whether the date is unset.
func (d Date) IsZero() bool { return d == Date{} }

func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// span returns the local day, from midnight to midnight.
func (d Date) span(zone *time.Location) span {
	return Interval{d.Start(zone), d.AddDays(1).Start(zone)}.span()
}

// Dates returns the local dates that an interval touches, in order.
func Dates(i Interval, zone *time.Location) []Date {
	if !i.Start.Before(i.End) {
		return nil
	}
	last := DateAt(i.End.Add(-time.Nanosecond), zone)
	var out []Date
	for d := DateAt(i.Start, zone); d.Compare(last) <= 0; d = d.AddDays(1) {
		out = append(out, d)
	}
	return out
}
