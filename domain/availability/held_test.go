package availability_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// TestHeldIsPlainBusy compares queries in which the same time is taken in either form, and in which resources share
// their hours or have equal ones.
func TestHeldIsPlainBusy(t *testing.T) {
	from := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC) // with a clock change
	zone, err := domain.ParseZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		busy := availability.Query{
			Now: from.AddDate(0, 0, -1), Window: availability.Interval{Start: from, End: from.AddDate(0, 0, 3)}, Viewer: zone,
			Rules: availability.Rules{
				Duration:     time.Duration(rapid.IntRange(1, 8).Draw(rt, "duration")) * 15 * time.Minute,
				BufferBefore: time.Duration(rapid.IntRange(0, 20).Draw(rt, "before")) * time.Minute,
				BufferAfter:  time.Duration(rapid.IntRange(0, 20).Draw(rt, "after")) * time.Minute,
			},
			Needs: []availability.Need{{}},
		}
		held := busy
		held.Needs = []availability.Need{{}}
		for _, id := range []string{"a", "b", "c"} {
			r := availability.Resource{
				ID: id, Units: rapid.IntRange(1, 3).Draw(rt, "units"), Takes: rapid.IntRange(1, 2).Draw(rt, "takes"),
				Schedule: availability.Schedule{Zone: zone, Weekly: []availability.Weekly{{
					Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6},
					Hours: availability.Hours{
						From: time.Duration(rapid.IntRange(7, 8).Draw(rt, "opens")) * time.Hour, To: 18 * time.Hour,
					},
				}}},
			}
			for range rapid.IntRange(0, 12).Draw(rt, "appointments") {
				start := from.Add(time.Duration(rapid.IntRange(0, 3*24*4).Draw(rt, "start")) * 15 * time.Minute)
				end := start.Add(time.Duration(rapid.IntRange(0, 12).Draw(rt, "length")) * 10 * time.Minute)
				units := rapid.IntRange(0, 3).Draw(rt, "taken")
				r.Busy = append(r.Busy, availability.Busy{
					Interval: availability.Interval{Start: start, End: end}, Units: units,
				})
			}
			busy.Needs[0].AnyOf = append(busy.Needs[0].AnyOf, r)
			for _, b := range r.Busy {
				r.Held = append(r.Held, availability.HeldBy(domain.Nanos(b.Start), domain.Nanos(b.End), b.Units))
			}
			r.Busy = nil
			held.Needs[0].AnyOf = append(held.Needs[0].AnyOf, r)
		}
		want, got := availability.Starts(busy), availability.Starts(held)
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("the starts are %v, and with Busy %v", got, want)
		}
		at := from.Add(time.Duration(rapid.IntRange(0, 3*24*4).Draw(rt, "asked")) * 15 * time.Minute)
		if got, want := availability.Explain(held, at), availability.Explain(busy, at); !reflect.DeepEqual(got, want) {
			rt.Fatalf("%s is explained by %v, and with Busy by %v", at, got, want)
		}
		if got, want := availability.Cost(held), availability.Cost(busy); got != want {
			rt.Fatalf("the cost is %d, and with Busy %d", got, want)
		}
	})
}
