package diary

import (
	"bytes"
	"cmp"
	"encoding/json"
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

// Held is one hold: units of the resource reserved for one revision of an appointment. It has numbers instead of times,
// because a question about a month reads tens of thousands of holds, and the collector need not look into them.
type Held struct {
	Appointment domain.AppointmentID
	Sequence    int
	From, To    int64 // domain.Nanos; buffers included
	Units       int
}

// Interval returns when the units are held.
func (h Held) Interval() domain.Interval {
	return domain.Interval{Start: time.Unix(0, h.From).UTC(), End: time.Unix(0, h.To).UTC()}
}

// heldJSON is the form of a hold in snapshots.
type heldJSON struct {
	Appointment domain.AppointmentID `json:"appointment"`
	Sequence    int                  `json:"sequence"`
	Interval    domain.Interval      `json:"interval"`
	Units       int                  `json:"units"`
}

// MarshalJSON writes the interval as two times.
func (h Held) MarshalJSON() ([]byte, error) {
	return json.Marshal(heldJSON{h.Appointment, h.Sequence, h.Interval(), h.Units})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *Held) UnmarshalJSON(data []byte) error {
	var in heldJSON
	err := json.Unmarshal(data, &in)
	*h = Held{in.Appointment, in.Sequence, domain.Nanos(in.Interval.Start), domain.Nanos(in.Interval.End), in.Units}
	return err
}

// Size estimates the memory that the state takes, in bytes.
func (s State) Size() (bytes int) {
	const roomOfDay, roomOfHold = 64, 64
	for _, day := range s.Days {
		bytes += roomOfDay + len(day.Held)*roomOfHold
	}
	return bytes
}

// Overlapping returns the holds that share an instant with the interval, each once.
func (s State) Overlapping(with domain.Interval) iter.Seq[Held] {
	return func(yield func(Held) bool) {
		from, to := domain.Nanos(with.Start), domain.Nanos(with.End)
		first, last := dates(from, to)
		at, _ := s.find(first)
		for _, day := range s.Days[at:] {
			if day.Date > last {
				return
			}
			for _, held := range day.Held {
				if held.From >= to {
					break
				}
				seen := day.Date != max(first, dateOf(held.From))
				if !seen && from < held.To && !yield(held) {
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
		at    int64
		units int
	}
	var edges []edge
	for held := range s.Overlapping(interval) {
		if held.Appointment == by && held.Sequence != sequence {
			continue
		}
		edges = append(edges, edge{held.From, held.Units}, edge{held.To, -held.Units})
	}
	// Intervals are half-open, so a hold that ends at an instant is counted before one that starts there. All holds
	// here overlap the interval, so the maximum is reached inside it.
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.units, b.units)) })
	taken, most := 0, 0
	for _, edge := range edges {
		taken += edge.units
		most = max(most, taken)
	}
	return most
}

// Holds reports whether exactly this hold exists.
func (s State) Holds(appointment domain.AppointmentID, sequence int, interval domain.Interval) bool {
	it := hold(appointment, sequence, interval, 0)
	at, found := s.find(dateOf(it.From))
	if !found {
		return false
	}
	_, held := slices.BinarySearchFunc(s.Days[at].Held, it, order)
	return held
}

func (e UnitsHeld) evolve(s State) State {
	it := hold(e.Appointment, e.Sequence, e.Interval, e.Units)
	return s.eachDay(it, func(all []Held) []Held {
		at, held := slices.BinarySearchFunc(all, it, order)
		if held {
			return all
		}
		return slices.Concat(all[:at], []Held{it}, all[at:])
	})
}

func (e UnitsReleased) evolve(s State) State {
	it := hold(e.Appointment, e.Sequence, e.Interval, 0)
	return s.eachDay(it, func(all []Held) []Held {
		at, held := slices.BinarySearchFunc(all, it, order)
		if !held {
			return all
		}
		return slices.Concat(all[:at], all[at+1:])
	})
}

// eachDay returns a state in which change was applied to the holds of each day that a hold touches. Days without holds
// are removed.
func (s State) eachDay(it Held, change func([]Held) []Held) State {
	days := make([]Day, len(s.Days), len(s.Days)+1)
	copy(days, s.Days)
	s.Days = days
	first, last := dates(it.From, it.To)
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
	if byTime := cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)); byTime != 0 {
		return byTime
	}
	return cmp.Or(bytes.Compare(a.Appointment.UUID[:], b.Appointment.UUID[:]), cmp.Compare(a.Sequence, b.Sequence))
}

func hold(appointment domain.AppointmentID, sequence int, interval domain.Interval, units int) Held {
	return Held{appointment, sequence, domain.Nanos(interval.Start), domain.Nanos(interval.End), units}
}

func dateOf(ns int64) int { return int(ns / int64(24*time.Hour)) }

func dates(from, to int64) (first, last int) { return dateOf(from), dateOf(to - 1) }
