package appointment

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

const (
	maxLegs     = 16
	maxDuration = 31 * 24 * time.Hour
)

// Visit is when and where an appointment takes place and what it takes: instants, the local time, and its legs.
type Visit struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	Local string    `json:"local"` // local time of the start, which was promised: "2016-04-29T08:30:00"
	Zone  string    `json:"zone"`  // IANA
	Legs  []Leg     `json:"legs"`
}

// Leg is what an appointment takes of one resource. The interval includes the buffers.
type Leg struct {
	Resource domain.ResourceID `json:"resource"`
	Units    int               `json:"units"`
	Interval domain.Interval   `json:"interval"`
}

// canonical returns the visit as it is stored: times in UTC, in the precision of the log, and legs by resource and
// time. All bookings hold their legs in that order, so no two can hold one each and wait for the other.
func (v Visit) canonical() (Visit, error) {
	v.Start, v.End = domain.Microseconds(v.Start), domain.Microseconds(v.End)
	legs := make([]Leg, len(v.Legs))
	for i, leg := range v.Legs {
		leg.Interval.Start = domain.Microseconds(leg.Interval.Start)
		leg.Interval.End = domain.Microseconds(leg.Interval.End)
		if leg.Units < 1 || !proper(leg.Interval.Start, leg.Interval.End) {
			return v, ErrVisit
		}
		legs[i] = leg
	}
	slices.SortFunc(legs, byResourceAndTime)
	if !proper(v.Start, v.End) || len(legs) == 0 || len(legs) > maxLegs {
		return v, ErrVisit
	}
	for i := range legs[1:] {
		if byResourceAndTime(legs[i], legs[i+1]) == 0 {
			return v, ErrVisit
		}
	}
	v.Legs = legs
	return v, nil
}

func proper(start, end time.Time) bool { return start.Before(end) && end.Sub(start) <= maxDuration }

func byResourceAndTime(a, b Leg) int {
	return cmp.Or(bytes.Compare(a.Resource.UUID[:], b.Resource.UUID[:]),
		a.Interval.Start.Compare(b.Interval.Start), a.Interval.End.Compare(b.Interval.End))
}

// same compares two canonical visits.
func (v Visit) same(other Visit) bool {
	return v.Start.Equal(other.Start) && v.End.Equal(other.End) && v.Local == other.Local && v.Zone == other.Zone &&
		slices.EqualFunc(v.Legs, other.Legs, func(a, b Leg) bool {
			return byResourceAndTime(a, b) == 0 && a.Units == b.Units
		})
}
