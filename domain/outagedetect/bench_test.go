package outagedetect_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// BenchmarkObserve replays a day of 10,000 messages an hour. Its ratio is against looking up and updating one map
// entry for each fact, which every detector that matches receipts must do.
func BenchmarkObserve(b *testing.B) {
	w := newWorld(10_000, 1)
	var facts []outagedetect.Fact
	for range dayTicks {
		w.step(nil, func(f outagedetect.Fact) { facts = append(facts, f) })
	}
	b.Run("map", func(b *testing.B) {
		type entry struct {
			at   int64
			kind outagedetect.Kind
		}
		for b.Loop() {
			known := make(map[string]entry)
			for _, f := range facts {
				known[f.Message] = entry{f.At.UnixNano(), f.Kind}
			}
		}
		b.ReportMetric(float64(b.N*len(facts))/b.Elapsed().Seconds(), "facts/s")
	})
	b.Run("detector", func(b *testing.B) {
		for b.Loop() {
			d := outagedetect.New(outagedetect.Defaults())
			for _, f := range facts {
				d.Observe(f)
			}
		}
		b.ReportMetric(float64(b.N*len(facts))/b.Elapsed().Seconds(), "facts/s")
		b.ReportMetric(float64(outagedetect.CellSize), "B/cell")
	})
}
