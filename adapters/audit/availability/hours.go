package availability

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain/availability"
)

type intervalsIn struct {
	Op   string       `json:"op"`
	Sets [][]interval `json:"sets"`
	A    []interval   `json:"a"`
	B    []interval   `json:"b"`
}

type rangesOut struct {
	Ranges []interval `json:"ranges"`
	Count  int        `json:"count"`
	// Contains says of each instant of the input whether one of the ranges contains it.
	Contains []bool `json:"contains,omitempty"`
}

func ranges(set []availability.Interval) rangesOut {
	return rangesOut{Ranges: toWire(set), Count: len(set)}
}

func intervalOp(in intervalsIn) (any, error) {
	switch in.Op {
	case "intersect":
		var sets [][]availability.Interval
		for _, s := range in.Sets {
			sets = append(sets, fromWire(s))
		}
		return ranges(availability.Intersect(sets...)), nil
	case "subtract":
		return ranges(availability.Subtract(fromWire(in.A), fromWire(in.B))), nil
	case "merge":
		return ranges(availability.Merge(fromWire(in.A))), nil
	}
	return nil, fmt.Errorf("%q is not an operation on intervals: choose intersect, subtract or merge", in.Op)
}

type scheduleIn struct {
	TZID   zone `json:"tzid"`
	Weekly []struct {
		Days []int  `json:"days"`
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"weekly"`
	Overrides []struct {
		Date      date    `json:"date"`
		Intervals []hours `json:"intervals"`
	} `json:"overrides"`
	OutOfOffice []days `json:"out_of_office"`
	TZOverrides []stay `json:"tz_overrides"`
}

// stay is {"from","to","tzid"}: dates on which the hours are those of another zone.
type stay struct{ availability.Stay }

func (s *stay) UnmarshalJSON(b []byte) error {
	var in struct {
		TZID zone `json:"tzid"`
	}
	var on days
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	if err := in.TZID.need("tzid of a zone override"); err != nil {
		return err
	}
	if err := on.UnmarshalJSON(b); err != nil {
		return err
	}
	s.Days, s.Zone = on.Days, in.TZID.Location
	return nil
}

func (in scheduleIn) schedule() (availability.Schedule, error) {
	s := availability.Schedule{Zone: in.TZID.Location}
	if err := in.TZID.need("tzid of the schedule"); err != nil {
		return s, err
	}
	for _, w := range in.Weekly {
		h, err := availability.ParseHours(w.From, w.To)
		if err != nil {
			return s, err
		}
		weekly := availability.Weekly{Hours: h}
		for _, d := range w.Days {
			weekly.Days = append(weekly.Days, time.Weekday(d))
		}
		s.Weekly = append(s.Weekly, weekly)
	}
	for _, o := range in.Overrides {
		if o.Intervals == nil {
			return s, fmt.Errorf("the override of %s has no intervals: an empty list closes the date", o.Date)
		}
		override := availability.Override{Date: o.Date.Date}
		for _, h := range o.Intervals {
			override.Hours = append(override.Hours, h.Hours)
		}
		s.Overrides = append(s.Overrides, override)
	}
	for _, d := range in.OutOfOffice {
		s.Away = append(s.Away, d.Days)
	}
	for _, stay := range in.TZOverrides {
		s.Stays = append(s.Stays, stay.Stay)
	}
	return s, s.Check()
}

type weeklyIn struct {
	Schedule scheduleIn `json:"schedule"`
	Window   windowIn   `json:"window"`
	Instants []instant  `json:"instants"`
}

func weeklyHours(in weeklyIn) (any, error) {
	s, err := in.Schedule.schedule()
	if err != nil {
		return nil, err
	}
	if err := in.Window.need(); err != nil {
		return nil, err
	}
	open := s.Open(in.Window.Interval, "", "")
	out := ranges(open)
	for _, t := range in.Instants {
		out.Contains = append(out.Contains,
			slices.ContainsFunc(open, func(i availability.Interval) bool { return i.Contains(t.Time) }))
	}
	return out, nil
}

type periodsIn struct {
	Periods []struct {
		ValidFrom local      `json:"valid_from"`
		ValidTo   local      `json:"valid_to"` // exclusive
		Schedule  scheduleIn `json:"schedule"`
	} `json:"periods"`
	Window      windowIn `json:"window"`
	SampleDates []date   `json:"sample_dates"`
}

type periodsOut struct {
	RangesOn map[string][]interval `json:"ranges_on"`
	Ranges   []interval            `json:"ranges"`
	Count    int                   `json:"count"`
}

// weeklyHoursPeriods lists each range under the local date it begins on, in the zone of its period.
func weeklyHoursPeriods(in periodsIn) (any, error) {
	if err := in.Window.need(); err != nil {
		return nil, err
	}
	on := map[string][]availability.Interval{}
	for _, d := range in.SampleDates {
		on[d.String()] = nil
	}
	var all []availability.Interval
	for _, p := range in.Periods {
		s, err := p.Schedule.schedule()
		if err != nil {
			return nil, err
		}
		valid := availability.Interval{Start: time.Unix(0, math.MinInt64), End: time.Unix(0, math.MaxInt64)}
		if p.ValidFrom.given {
			valid.Start = p.ValidFrom.in(s.Zone)
		}
		if p.ValidTo.given {
			valid.End = p.ValidTo.in(s.Zone)
		}
		if valid.End.Before(valid.Start) {
			return nil, errors.New("a period ends before it starts: swap valid_from and valid_to")
		}
		open := s.Open(in.Window.Interval, "", "")
		for _, r := range availability.Intersect(open, []availability.Interval{valid}) {
			all = append(all, r)
			day := availability.DateAt(r.Start, s.Zone).String()
			if _, wanted := on[day]; wanted || len(in.SampleDates) == 0 {
				on[day] = append(on[day], r)
			}
		}
	}
	out := periodsOut{RangesOn: map[string][]interval{}, Ranges: toWire(availability.Merge(all))}
	for day, set := range on {
		out.RangesOn[day] = toWire(availability.Merge(set))
	}
	out.Count = len(out.Ranges)
	return out, nil
}

type localIn struct {
	TZID  zone  `json:"tzid"`
	Local local `json:"local"`
}

type localOut struct {
	UTC instant `json:"utc"`
}

func localToUTC(in localIn) (any, error) {
	if err := in.TZID.need("tzid"); err != nil {
		return nil, err
	}
	if !in.Local.given {
		return nil, errors.New("local is missing: give a wall clock time such as 2007-11-04T01:30:00")
	}
	return localOut{instant{in.Local.in(in.TZID.Location)}}, nil
}
