package availability

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

func someBusy(t *rapid.T) Busy {
	b := Busy{
		Interval:     Interval{}, // set below
		Units:        rapid.IntRange(0, 3).Draw(t, "taken"),
		BufferBefore: time.Duration(rapid.IntRange(0, 2).Draw(t, "before")) * 10 * mins,
		BufferAfter:  time.Duration(rapid.IntRange(0, 2).Draw(t, "after")) * 10 * mins,
		Ref:          rapid.SampledFrom([]string{"", "mine", "other"}).Draw(t, "ref"),
		Holder:       rapid.SampledFrom([]string{"", "", "me", "you"}).Draw(t, "holder"),
		Counts:       rapid.Bool().Draw(t, "counts"),
	}
	from := 10 * rapid.IntRange(-20, 300).Draw(t, "from")
	b.Interval = between(from, from+10*rapid.IntRange(0, 20).Draw(t, "length"))
	if rapid.Bool().Draw(t, "hold") {
		b.Expires = minute(rapid.IntRange(-100, 600).Draw(t, "expires"))
	}
	return b
}

func someResource(id string) *rapid.Generator[Resource] {
	return rapid.Custom(func(t *rapid.T) Resource {
		zone, err := domain.ParseZone(rapid.SampledFrom([]string{"UTC", "Asia/Kolkata", "America/New_York"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		from := rapid.IntRange(0, 22).Draw(t, "opens")
		to := from + rapid.IntRange(1, 20).Draw(t, "hours")
		s := Schedule{Zone: zone, Weekly: daily(time.Duration(from), time.Duration(to))}
		if rapid.Bool().Draw(t, "away") {
			d := dateOf(epoch).AddDays(rapid.IntRange(0, 1).Draw(t, "day"))
			s.Away = []Days{{d, d}}
		}
		for range rapid.IntRange(0, 2).Draw(t, "blocks") {
			from := rapid.IntRange(0, 2500).Draw(t, "block")
			s.Blocks = append(s.Blocks, TimeBlock{
				Interval:  between(from, from+rapid.IntRange(1, 700).Draw(t, "length")),
				Available: rapid.Bool().Draw(t, "available"), Replace: rapid.Bool().Draw(t, "replace"),
			})
		}
		r := Resource{ID: id, Units: rapid.IntRange(0, 4).Draw(t, "units"), Schedule: s}
		r.Busy = rapid.SliceOfN(rapid.Custom(someBusy), 0, 6).Draw(t, "busy")
		return r
	})
}

var someQuery = rapid.Custom(func(t *rapid.T) Query {
	pool := make([]Resource, 3)
	for i := range pool {
		pool[i] = someResource(fmt.Sprint("r", i)).Draw(t, "resource")
	}
	q := Query{
		Now:    minute(rapid.IntRange(-300, 300).Draw(t, "now")),
		Window: between(0, 30*60),
		Viewer: rapid.SampledFrom([]*time.Location{nil, pool[0].Schedule.Zone}).Draw(t, "viewer"),
		Rules: Rules{
			Duration:     time.Duration(rapid.IntRange(1, 8).Draw(t, "duration")) * 15 * mins,
			Interval:     time.Duration(rapid.IntRange(0, 6).Draw(t, "interval")) * 10 * mins,
			Offset:       time.Duration(rapid.IntRange(0, 1).Draw(t, "offset")) * 5 * mins,
			Packing:      Packing(rapid.IntRange(0, 2).Draw(t, "packing")),
			BufferBefore: time.Duration(rapid.IntRange(0, 2).Draw(t, "before")) * 10 * mins,
			BufferAfter:  time.Duration(rapid.IntRange(0, 2).Draw(t, "after")) * 10 * mins,
			Notice:       time.Duration(rapid.IntRange(0, 3).Draw(t, "notice")) * 60 * mins,
			Horizon: Horizon{
				Kind:     HorizonKind(rapid.IntRange(0, 3).Draw(t, "horizon")),
				Days:     rapid.IntRange(1, 3).Draw(t, "days"),
				Business: rapid.Bool().Draw(t, "business"),
				Between:  Days{From: dateOf(epoch).AddDays(rapid.IntRange(-1, 1).Draw(t, "from"))},
			},
			Limits: Limits{Day: Limit{Bookings: rapid.IntRange(0, 2).Draw(t, "limit")}},
		},
		Holder: "me", Moving: "mine",
	}
	q.Client = rapid.SliceOfN(rapid.Custom(someBusy), 0, 2).Draw(t, "client")
	q.Rules.ClientLimits.Week.Bookings = rapid.IntRange(0, 2).Draw(t, "client limit")
	for range rapid.IntRange(1, 3).Draw(t, "needs") {
		n := Need{Units: rapid.IntRange(0, 2).Draw(t, "need")}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 1, 3, rapid.ID[int]).Draw(t, "any of") {
			able := pool[i]
			able.Takes = rapid.IntRange(0, 3).Draw(t, "takes")
			n.AnyOf = append(n.AnyOf, able)
		}
		q.Needs = append(q.Needs, n)
	}
	return q
})

// An instant is a start if and only if Explain gives no reason against it. Explain checks hours, units and limits
// with its own code; only the grid is shared.
func TestShownIsBookable(t *testing.T) {
	shown := 0
	rapid.Check(t, func(t *rapid.T) {
		q := someQuery.Draw(t, "query")
		starts := Starts(q)
		shown += len(starts)
		offered := map[time.Time]Start{}
		for i, s := range starts {
			offered[s.At] = s
			if !q.Window.Contains(s.At) || i > 0 && !starts[i-1].At.Before(s.At) {
				t.Fatalf("start %s out of order or window", s.At)
			}
		}
		ask := []time.Time{}
		for at := minute(5 * rapid.IntRange(0, 8).Draw(t, "first")); q.Window.Contains(at); at = at.Add(45 * mins) {
			ask = append(ask, at)
		}
		for at := range offered {
			ask = append(ask, at)
		}
		for _, at := range ask {
			s, isStart := offered[at]
			assigned, reasons := AssignStart(q, at)
			if isStart != (len(reasons) == 0) {
				t.Fatalf("%s: shown %v, but %v", at, isStart, reasons)
			}
			chosen, why := AssignResources(q, at)
			if isStart && !(reflect.DeepEqual(assigned, s.Resources) && reflect.DeepEqual(chosen, s.Resources)) {
				t.Fatalf("%s: shown with %v, assigned %v, chosen %v", at, s.Resources, assigned, chosen)
			}
			if len(q.Needs) == 1 && slices.ContainsFunc(why, func(r Reason) bool { return r.Code == NotTogether }) {
				t.Fatalf("%s: a single need failed as not_together", at)
			}
			offGrid := len(reasons) == 1 && reasons[0].Code == OffGrid
			if (len(why) == 0) != (isStart || offGrid) {
				t.Fatalf("%s: Explain returns %v, AssignResources %v", at, reasons, why)
			}
		}
	})
	if shown == 0 {
		t.Error("no query had a start: the property proved nothing")
	}
}

// Booking a start never exceeds the units of a resource at any minute, buffers included. The test counts by the
// minute.
func TestUnitsAreNeverExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := someQuery.Draw(t, "query")
		for _, s := range Starts(q) {
			asked := map[string]int{}
			for i, id := range s.Resources {
				asked[id] += q.Needs[i].UnitsOf(id)
			}
			for i, id := range s.Resources {
				k := slices.IndexFunc(q.Needs[i].AnyOf, func(r Resource) bool { return r.ID == id })
				if k < 0 {
					t.Fatalf("%s was chosen for need %d and cannot serve it", id, i)
				}
				r := q.Needs[i].AnyOf[k]
				for at := s.At; at.Before(s.At.Add(q.Rules.Duration)); at = at.Add(5 * mins) {
					if used := usedAt(&q, r, at); used+asked[id] > r.units() {
						t.Fatalf("%s at %s: %d of %d taken, %d more booked", id, at, used, r.units(), asked[id])
					}
				}
			}
		}
	})
}

func usedAt(q *Query, r Resource, at time.Time) int {
	used := 0
	for _, b := range r.Busy {
		gone := !b.Expires.IsZero() && !b.Expires.After(q.Now)
		if gone || b.Ref == q.Moving || b.Holder == q.Holder || !b.Start.Before(b.End) {
			continue
		}
		wide := Interval{
			b.Start.Add(-b.BufferBefore - q.Rules.BufferAfter), b.End.Add(b.BufferAfter + q.Rules.BufferBefore),
		}
		if wide.Contains(at) {
			used += max(b.Units, 1)
		}
	}
	return used
}

// Hours from a cache must not change a result.
func TestExpandedHoursGiveTheSameStarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := someQuery.Draw(t, "query")
		q.Rules.Horizon = Horizon{}
		want := Starts(q)
		for i := range q.Needs {
			for k := range q.Needs[i].AnyOf {
				r := &q.Needs[i].AnyOf[k]
				month := Interval{epoch.AddDate(0, 0, -20), epoch.AddDate(0, 0, 20)}
				r.Open = r.Schedule.Open(month, q.Service, q.Place)
			}
		}
		if got := Starts(q); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
