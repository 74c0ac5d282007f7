package availability

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain/availability"
)

type schedulesIn struct {
	Now        *instant   `json:"now"`
	Window     windowIn   `json:"window"`
	Viewer     *zone      `json:"viewer_tzid"`
	Service    serviceIn  `json:"service"`
	Packing    string     `json:"packing"`
	Assignment string     `json:"assignment"`
	Hosts      []hostIn   `json:"hosts"`
	Horizon    *horizonIn `json:"horizon"`
	Holder     string     `json:"holder"`
	Reschedule string     `json:"reschedule_uid"`
}

type hostIn struct {
	ID       string      `json:"id"`
	Role     string      `json:"role"`
	Schedule *scheduleIn `json:"schedule"`
	Busy     []busyIn    `json:"busy"`
}

// busyIn is a booking, a hold, or, with any other kind, busy time of another calendar.
type busyIn struct {
	Kind         string  `json:"kind"`
	Status       string  `json:"status"`
	UID          string  `json:"uid"`
	Start        instant `json:"start"`
	End          instant `json:"end"`
	BufferBefore minutes `json:"buffer_before_min"`
	BufferAfter  minutes `json:"buffer_after_min"`
	SameService  bool    `json:"same_service"`
	Blocks       *bool   `json:"blocks"` // overrides what the status says
	Holder       string  `json:"holder"`
	Expires      instant `json:"expires"`
}

// takesTime reports whether the host is busy. A pending request takes no time unless it says that it blocks.
func (in busyIn) takesTime() bool {
	if in.Blocks != nil {
		return *in.Blocks
	}
	switch strings.ToLower(in.Status) {
	case "cancelled", "canceled", "rejected", "declined", "pending":
		return false
	}
	return true
}

func (in busyIn) busy() (availability.Busy, error) {
	if in.Start.IsZero() || in.End.IsZero() {
		return availability.Busy{}, errors.New("busy time needs a start and an end")
	}
	between, err := availability.NewInterval(in.Start.Time, in.End.Time)
	b := availability.Busy{Interval: between, Ref: in.UID, Units: availability.Everything}
	switch in.Kind {
	case "booking":
		b.Counts = in.SameService
		fallthrough
	case "hold":
		b.BufferBefore, b.BufferAfter = in.BufferBefore.duration(), in.BufferAfter.duration()
		b.Holder, b.Expires = in.Holder, in.Expires.Time
	}
	return b, err
}

func (in hostIn) resource() (availability.Resource, error) {
	r := availability.Resource{ID: in.ID}
	if in.Schedule == nil {
		return r, fmt.Errorf("the host %q has no schedule", in.ID)
	}
	s, err := in.Schedule.schedule()
	if err != nil {
		return r, err
	}
	r.Schedule = s
	for _, b := range in.Busy {
		if !b.takesTime() {
			continue
		}
		busy, err := b.busy()
		if err != nil {
			return r, err
		}
		r.Busy = append(r.Busy, busy)
	}
	return r, nil
}

// needs returns what the assignment requires to be free at the same time.
func (in schedulesIn) needs() ([]availability.Need, error) {
	var fixed []availability.Need
	var pool []availability.Resource
	for _, h := range in.Hosts {
		r, err := h.resource()
		if err != nil {
			return nil, err
		}
		alone := availability.Need{AnyOf: []availability.Resource{r}}
		switch in.Assignment {
		case "", "single", "all":
			fixed = append(fixed, alone)
		case "any", "fixed_plus_any":
			if h.Role == "fixed" {
				fixed = append(fixed, alone)
			} else {
				pool = append(pool, r)
			}
		default:
			return nil, fmt.Errorf("%q is not an assignment: choose single, all, any or fixed_plus_any", in.Assignment)
		}
	}
	if in.Assignment == "single" && len(in.Hosts) != 1 {
		return nil, fmt.Errorf("a single assignment needs one host, not %d", len(in.Hosts))
	}
	if len(pool) > 0 {
		fixed = append(fixed, availability.Need{AnyOf: pool})
	}
	return fixed, nil
}

// horizonIn is {"days","count"} for a rolling horizon or {"from","to"} for fixed dates. The type "rolling_window"
// counts only dates that offer a start; the types "rolling" and "range" are optional. Any other type is an error.
type horizonIn struct {
	Type  string `json:"type"`
	Days  *int   `json:"days"`
	Count string `json:"count"`
	From  *date  `json:"from"`
	To    *date  `json:"to"`
}

func (in *horizonIn) horizon() (availability.Horizon, error) {
	var h availability.Horizon
	if in == nil {
		return h, nil
	}
	switch in.Type {
	case "", "rolling", "rolling_window", "range":
	default:
		return h, fmt.Errorf("%q is not a horizon: choose rolling, rolling_window or range", in.Type)
	}
	switch {
	case in.Days == nil && in.From == nil && in.To == nil:
		return h, errors.New("the horizon has neither days nor dates: give one of them")
	case in.Days == nil:
		h.Kind = availability.Fixed
		if in.From != nil {
			h.Between.From = in.From.Date
		}
		if in.To != nil {
			h.Between.To = in.To.Date
		}
	default:
		h.Kind, h.Days = availability.Rolling, *in.Days
		if in.Type == "rolling_window" {
			h.Kind = availability.RollingOpen
		}
		switch in.Count {
		case "", "calendar":
		case "business":
			h.Business = true
		default:
			return h, fmt.Errorf("%q is not a way to count days: choose calendar or business", in.Count)
		}
	}
	return h, h.Check()
}

type schedulesOut struct {
	startsOut
	Open        []date `json:"local_dates_open"`
	Closed      []date `json:"local_dates_closed"`
	PerOpenDate *int   `json:"count_per_open_date,omitempty"` // absent unless all open dates have the same
}

func slotsFromSchedules(in schedulesIn) (any, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	var at []time.Time
	for _, s := range availability.Starts(q) {
		at = append(at, s.At)
	}
	out := schedulesOut{startsOut: starts(at), Open: []date{}, Closed: []date{}}
	perDate := map[availability.Date]int{}
	for _, t := range at {
		perDate[availability.DateAt(t, q.Viewer)]++
	}
	var counts []int
	for _, d := range availability.Dates(q.Window, q.Viewer) {
		if perDate[d] == 0 {
			out.Closed = append(out.Closed, date{d})
			continue
		}
		out.Open = append(out.Open, date{d})
		counts = append(counts, perDate[d])
	}
	if len(counts) > 0 && slices.Min(counts) == slices.Max(counts) {
		out.PerOpenDate = &counts[0]
	}
	return out, nil
}

func (in schedulesIn) query() (availability.Query, error) {
	rules, err := in.Service.rules(in.Packing)
	if err != nil {
		return availability.Query{}, err
	}
	if in.Now == nil {
		return availability.Query{}, errNoNow
	}
	needs, err := in.needs()
	if err != nil {
		return availability.Query{}, err
	}
	if err := in.Window.need(); err != nil {
		return availability.Query{}, err
	}
	if rules.Horizon, err = in.Horizon.horizon(); err != nil {
		return availability.Query{}, err
	}
	if tooMany(rules, in.Window.End.Sub(in.Window.Start)) {
		return availability.Query{}, errTooMany
	}
	return availability.Query{
		Now: in.Now.Time, Window: in.Window.Interval, Viewer: viewer(in.Viewer), Rules: rules, Needs: needs,
		Holder: in.Holder, Moving: in.Reschedule,
	}, nil
}
