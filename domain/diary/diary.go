// Package diary is the aggregate of what is taken of one resource in one month (UTC). It is the boundary against
// double booking. A hold fits if, at every instant of it, the unreleased holds of other appointments leave enough
// units. Holds of the same appointment for other revisions do not count, because only one revision takes place. An
// interval over the end of a month is held in full in both diaries; each checks its own instants.
//
// A diary refuses to know which appointments take place. The stream of the appointment decides that, and a booking
// that is blocked by a hold asks there. It does not know the resource either: the command says how many units there
// are.
package diary

import (
	"strconv"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Decider decides about streams "diary-{resource}-{yyyymm}". Busy months are long streams, so the state has
// snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category:        "diary",
	Types:           Types,
	Decide:          func(s State, c Command) ([]Event, error) { return c.decide(s) },
	Evolve:          func(s State, e Event) State { return e.evolve(s) },
	SnapshotVersion: 1,
}

// Month is a calendar month in UTC, written yyyymm: 201604.
type Month int

// MonthOf returns the month of an instant.
func MonthOf(t time.Time) Month {
	t = t.UTC()
	return Month(t.Year()*100 + int(t.Month()))
}

// Months returns the months that an interval has an instant in, in order.
func Months(i domain.Interval) []Month {
	months := []Month{MonthOf(i.Start)}
	last := MonthOf(i.End.Add(-1)) // half-open: the end itself is not taken
	for month := months[0]; month < last; months = append(months, month) {
		month = month.next()
	}
	return months
}

func (m Month) next() Month {
	if m%100 == 12 {
		return m + 100 - 11
	}
	return m + 1
}

// Start returns the first instant of the month.
func (m Month) Start() time.Time {
	return time.Date(int(m/100), time.Month(m%100), 1, 0, 0, 0, 0, time.UTC)
}

// StreamOf returns the stream of a resource and month: diary-{resource}-{yyyymm}.
func StreamOf(resource domain.ResourceID, month Month) domain.Stream {
	digits := strconv.Itoa(int(month))
	return domain.StreamOf("diary", resource.String()+"-"+"000000"[min(len(digits), 6):]+digits)
}
