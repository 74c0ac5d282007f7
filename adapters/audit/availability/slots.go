package availability

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/clickbook/clickbook/domain/availability"
)

// maxStarts bounds the starts in an answer.
const maxStarts = 250_000

var errTooMany = fmt.Errorf("that may be more than %d starts: ask for a shorter time or a longer interval", maxStarts)

// minutes is a whole number of minutes, up to a hundred years.
type minutes int64

func (m *minutes) UnmarshalJSON(b []byte) error {
	var n int64
	if err := json.Unmarshal(b, &n); err != nil || n < math.MinInt32 || n > 100*366*24*60 {
		return fmt.Errorf("%s is not a number of whole minutes", b)
	}
	*m = minutes(n)
	return nil
}

func (m minutes) duration() time.Duration { return time.Duration(m) * time.Minute }

type serviceIn struct {
	Duration     minutes  `json:"duration_min"`
	Interval     minutes  `json:"interval_min"`
	Offset       minutes  `json:"offset_min"`
	Notice       minutes  `json:"min_notice_min"`
	BufferBefore minutes  `json:"buffer_before_min"`
	BufferAfter  minutes  `json:"buffer_after_min"`
	Limits       limitsIn `json:"limits"`
}

type limitsIn struct {
	BookingsDay   int     `json:"bookings_per_day"`
	BookingsWeek  int     `json:"bookings_per_week"`
	BookingsMonth int     `json:"bookings_per_month"`
	BookingsYear  int     `json:"bookings_per_year"`
	MinutesDay    minutes `json:"minutes_per_day"`
	MinutesWeek   minutes `json:"minutes_per_week"`
	MinutesMonth  minutes `json:"minutes_per_month"`
	MinutesYear   minutes `json:"minutes_per_year"`
}

func (in limitsIn) limits() availability.Limits {
	return availability.Limits{
		Day:   availability.Limit{Bookings: in.BookingsDay, Time: in.MinutesDay.duration()},
		Week:  availability.Limit{Bookings: in.BookingsWeek, Time: in.MinutesWeek.duration()},
		Month: availability.Limit{Bookings: in.BookingsMonth, Time: in.MinutesMonth.duration()},
		Year:  availability.Limit{Bookings: in.BookingsYear, Time: in.MinutesYear.duration()},
	}
}

func (in serviceIn) rules(packing string) (availability.Rules, error) {
	p, err := availability.ParsePacking(packing)
	if err != nil {
		return availability.Rules{}, err
	}
	r := availability.Rules{
		Duration: in.Duration.duration(), Interval: in.Interval.duration(), Offset: in.Offset.duration(),
		Packing: p, BufferBefore: in.BufferBefore.duration(), BufferAfter: in.BufferAfter.duration(),
		Notice: in.Notice.duration(), Limits: in.Limits.limits(),
	}
	return r, r.Check()
}

// tooMany reports whether a length of time may have more than maxStarts starts.
func tooMany(r availability.Rules, length time.Duration) bool {
	every := r.Interval
	if every == 0 {
		every = r.Duration
	}
	return length/(every+r.Offset) > maxStarts
}

type startsOut struct {
	Slots []instant `json:"slots"`
	Count int       `json:"count"`
	First *instant  `json:"first,omitempty"`
	Last  *instant  `json:"last,omitempty"`
}

func starts(at []time.Time) startsOut {
	out := startsOut{Slots: make([]instant, len(at)), Count: len(at)}
	for i, t := range at {
		out.Slots[i] = instant{t}
	}
	if len(at) > 0 {
		out.First, out.Last = &out.Slots[0], &out.Slots[len(at)-1]
	}
	return out
}

type rangesIn struct {
	Now     *instant   `json:"now"`
	Viewer  *zone      `json:"viewer_tzid"`
	Service serviceIn  `json:"service"`
	Packing string     `json:"packing"`
	Free    []interval `json:"free_ranges"`
}

var errNoNow = errors.New("now is missing: give the instant of the question")

// slotsFromRanges does not merge overlapping ranges: each belongs to one host of a pool.
func slotsFromRanges(in rangesIn) (any, error) {
	r, err := in.Service.rules(in.Packing)
	if err != nil {
		return nil, err
	}
	if in.Now == nil {
		return nil, errNoNow
	}
	var length time.Duration
	for _, f := range in.Free {
		if length += min(f.End.Sub(f.Start), longestWindow); tooMany(r, length) || f.End.Sub(f.Start) > longestWindow {
			return nil, errTooMany
		}
	}
	return starts(r.StartsIn(fromWire(in.Free), in.Now.Add(r.Notice), viewer(in.Viewer))), nil
}

// viewer returns the viewer's zone, UTC by default.
func viewer(z *zone) *time.Location {
	if z == nil {
		return time.UTC
	}
	return z.Location
}

type gridIn struct {
	Free     [][2]int64 `json:"free"`
	Window   [2]int64   `json:"window"`
	Duration int64      `json:"duration"`
	Interval int64      `json:"interval"`
}

type gridOut struct {
	Starts []int64 `json:"starts"`
	Count  int     `json:"count"`
}

func windowGrid(in gridIn) (any, error) {
	const bound = int64(1) << 53
	for _, p := range append([][2]int64{in.Window}, in.Free...) {
		if p[1] < p[0] {
			return nil, fmt.Errorf("the interval [%d, %d] ends before it starts: swap the two", p[0], p[1])
		}
		if p[0] < -bound || p[1] > bound {
			return nil, fmt.Errorf("the interval [%d, %d] is out of bounds: stay within 2^53", p[0], p[1])
		}
	}
	if in.Duration < 1 || in.Interval < 1 {
		return nil, errors.New("duration and interval must be at least 1")
	}
	if (in.Window[1]-in.Window[0])/in.Interval > maxStarts {
		return nil, errTooMany
	}
	out := availability.GridInWindow(in.Free, in.Window, min(in.Duration, bound), in.Interval)
	return gridOut{out, len(out)}, nil
}
