package availability

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// crowd is the load that the design requires: fifty resources, any of which will do, with twenty appointments a day
// each for a month. expanded reports whether the hours are expanded already, as from a cache by schedule version and
// month.
func crowd(expanded bool) Query {
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	window := Interval{start, start.AddDate(0, 0, 31)}
	zone, err := domain.ParseZone("America/Sao_Paulo")
	if err != nil {
		panic(err)
	}
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	pool := make([]Resource, 50)
	for i := range pool {
		s := Schedule{Zone: zone, Weekly: []Weekly{
			{everyDay, Hours{8 * time.Hour, 12 * time.Hour}}, {everyDay, Hours{13 * time.Hour, 18 * time.Hour}},
		}}
		r := Resource{ID: fmt.Sprintf("r%02d", i), Schedule: s}
		if expanded {
			r.Open = s.Open(window, "", "")
		}
		for day := range 31 {
			for k := range 20 { // from 08:00 local, mostly taken, with gaps that differ by resource
				at := start.AddDate(0, 0, day).Add(11*time.Hour + time.Duration(k*30+(i*7+k*3+day)%11)*time.Minute)
				end := at.Add(time.Duration(10+(i+k)%10) * time.Minute)
				r.Busy = append(r.Busy, Busy{Interval: Interval{at, end}, Ref: "x", Counts: true})
			}
		}
		pool[i] = r
	}
	return Query{
		Now: start.Add(-time.Hour), Window: window, Viewer: zone, Needs: []Need{{AnyOf: pool}},
		Rules: Rules{
			Duration: 15 * time.Minute, Notice: time.Hour,
			Horizon: Horizon{Kind: Rolling, Days: 60},
		},
	}
}

func BenchmarkStarts(b *testing.B) {
	b.Run("hours=expanded", func(b *testing.B) { measure(b, crowd(true), Starts) })
	b.Run("hours=schedule", func(b *testing.B) { measure(b, crowd(false), Starts) })
	b.Run("need=one+any", func(b *testing.B) {
		q := crowd(true)
		pool := q.Needs[0].AnyOf
		q.Needs = []Need{{AnyOf: pool[:1]}, {AnyOf: pool[1:]}}
		measure(b, q, Starts)
	})
	b.Run("packed", func(b *testing.B) {
		q := crowd(true)
		q.Rules.Packing = Packed
		measure(b, q, Starts)
	})
	b.Run("limits", func(b *testing.B) {
		q := crowd(true)
		q.Rules.Limits.Day.Bookings = 21
		measure(b, q, Starts)
	})
}

func BenchmarkExplain(b *testing.B) {
	q := crowd(true)
	at := q.Window.Start.Add(12 * 24 * time.Hour).Add(14 * time.Hour)
	measure(b, q, func(q Query) []Reason { return Explain(q, at) })
}

// measure reports the 99th percentile, which an average hides.
func measure[T any](b *testing.B, q Query, ask func(Query) []T) {
	b.ReportAllocs()
	var took []time.Duration
	found := 0
	for b.Loop() {
		began := time.Now()
		found = len(ask(q))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100])/float64(time.Millisecond), "p99-ms")
	b.ReportMetric(float64(found), "answers")
}
