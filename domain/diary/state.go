package diary

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// State is every unreleased hold, by day: a command looks only at its own days, and an event copies only one day. A
// hold over midnight is listed in each of its days. Nothing is changed in place.
type State struct {
	Days []Day `json:"days,omitempty"` // by date
}

// Day is one day (UTC) and the holds that have an instant in it, by start.
type Day struct {
	Date int    `json:"date"` // days since 1970-01-01
	Held []Held `json:"held"`
}

// Held is one hold: units of the resource reserved for one revision of an appointment.
type Held struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Sequence    int                  `json:"sequence"`
	Interval    domain.Interval      `json:"interval"`
	Units       int                  `json:"units"`
	Until       time.Time            `json:"until"`
}

// Overlapping returns the holds that share an instant with the interval, each once.
func (s State) Overlapping(with domain.Interval) iter.Seq[Held] {
	return func(yield func(Held) bool) {
		first, last := dates(with)
		at, _ := s.find(first)
		for _, day := range s.Days[at:] {
			if day.Date > last {
				return
			}
			for _, held := range day.Held {
				if !held.Interval.Start.Before(with.End) {
					break
				}
				seen := day.Date != max(first, dateOf(held.Interval.Start))
				if !seen && held.Interval.Overlaps(with) && !yield(held) {
					return
				}
			}
		}
	}
}

// Taken returns the most units that other appointments hold at any instant of the interval. Holds of the same
// appointment for another sequence do not count.
func (s State) Taken(interval domain.Interval, by domain.AppointmentID, sequence int) int {
	type edge struct {
		at    time.Time
		units int
	}
	var edges []edge
	for held := range s.Overlapping(interval) {
		if held.Appointment == by && held.Sequence != sequence {
			continue
		}
		edges = append(edges, edge{held.Interval.Start, held.Units}, edge{held.Interval.End, -held.Units})
	}
	// Intervals are half-open, so a hold that ends at an instant is counted before one that starts there. All holds
	// here overlap the interval, so the maximum is reached inside it.
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.units, b.units)) })
	taken, most := 0, 0
	for _, edge := range edges {
		taken += edge.units
		most = max(most, taken)
	}
	return most
}

// Holds reports whether exactly this hold exists.
func (s State) Holds(appointment domain.AppointmentID, sequence int, interval domain.Interval) bool {
	at, found := s.find(dateOf(interval.Start))
	if !found {
		return false
	}
	_, held := slices.BinarySearchFunc(s.Days[at].Held, Held{appointment, sequence, interval, 0, time.Time{}}, order)
	return held
}

func (e UnitsHeld) evolve(s State) State {
	it := Held{e.Appointment, e.Sequence, e.Interval, e.Units, e.Until}
	return s.eachDay(e.Interval, func(all []Held) []Held {
		at, held := slices.BinarySearchFunc(all, it, order)
		if held {
			return all
		}
		return slices.Concat(all[:at], []Held{it}, all[at:])
	})
}

func (e UnitsReleased) evolve(s State) State {
	it := Held{e.Appointment, e.Sequence, e.Interval, 0, time.Time{}}
	return s.eachDay(e.Interval, func(all []Held) []Held {
		at, held := slices.BinarySearchFunc(all, it, order)
		if !held {
			return all
		}
		return slices.Concat(all[:at], all[at+1:])
	})
}

// eachDay returns a state in which change was applied to the holds of each day of the interval. Days without holds
// are removed.
func (s State) eachDay(interval domain.Interval, change func([]Held) []Held) State {
	days := make([]Day, len(s.Days), len(s.Days)+1)
	copy(days, s.Days)
	s.Days = days
	first, last := dates(interval)
	for date := first; date <= last; date++ {
		at, found := s.find(date)
		if !found {
			s.Days = slices.Insert(s.Days, at, Day{Date: date})
		}
		if s.Days[at].Held = change(s.Days[at].Held); len(s.Days[at].Held) == 0 {
			s.Days = slices.Delete(s.Days, at, at+1)
		}
	}
	return s
}

func (s State) find(date int) (int, bool) {
	return slices.BinarySearchFunc(s.Days, date, func(d Day, date int) int { return cmp.Compare(d.Date, date) })
}

// order sorts holds by start, then by the other fields, so the order is unique.
func order(a, b Held) int {
	if byTime := cmp.Or(a.Interval.Start.Compare(b.Interval.Start), a.Interval.End.Compare(b.Interval.End)); byTime != 0 {
		return byTime
	}
	return cmp.Or(bytes.Compare(a.Appointment.UUID[:], b.Appointment.UUID[:]), cmp.Compare(a.Sequence, b.Sequence))
}

func dateOf(t time.Time) int { return int(t.Unix() / 86400) }

func dates(i domain.Interval) (first, last int) { return dateOf(i.Start), dateOf(i.End.Add(-1)) }
