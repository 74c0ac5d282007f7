// Package diary is what is taken of one resource in one month (UTC): the boundary against double booking. A
// hold fits when, at every instant of it, the units of all unreleased holds of other appointments leave enough;
// what an appointment holds for its own other revisions does not count, since only one of them will stand.
// An interval over a month's end is held in both diaries, whole; each answers for its own instants.
//
// A diary refuses to know which appointments stand: the appointment's own stream decides that, and whoever is
// blocked by a hold asks there. It does not know the resource either: the units there are come with the wish.
package diary

import (
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Decider is the diary in one value. Busy months are long streams, so its state is fit for snapshots.
var Decider = domain.Decider[State, Command, Event]{
	Category:        "diary",
	Types:           Types,
	Decide:          func(s State, c Command) ([]Event, error) { return c.decide(s) },
	Evolve:          func(s State, e Event) State { return e.evolve(s) },
	SnapshotVersion: 1,
}

// Month is a calendar month in UTC, written yyyymm: 201604.
type Month int

// MonthOf is the month an instant falls in.
func MonthOf(t time.Time) Month {
	t = t.UTC()
	return Month(t.Year()*100 + int(t.Month()))
}

// Months are those an interval has an instant in, in order.
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

// StreamOf names the diary of a resource and month: diary-{resource}-{yyyymm}.
func StreamOf(resource domain.ResourceID, month Month) domain.Stream {
	return domain.StreamOf("diary", fmt.Sprintf("%s-%06d", resource, int(month)))
}
