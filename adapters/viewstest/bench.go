package viewstest

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Bench builds read models from a log: step by step, each alone and all together, and by a rebuild. It reports events
// of the log per second (events/s), and the time as a multiple of a pass that only reads and decodes the log
// (passes). Then it searches for clients.
func Bench(b *testing.B, s Suite) {
	w := newWorld(b, s)
	w.month(4000)
	bare := w.pass()
	all := projections.All()
	for _, projection := range all {
		b.Run("steps/"+projection.Name, func(b *testing.B) { w.benchSteps(b, bare, projection) })
	}
	b.Run("steps/together", func(b *testing.B) { w.benchSteps(b, bare, all...) })
	w.place = s.New(b)
	w.reopen(all...)
	w.catchUp()
	b.Run("rebuild", func(b *testing.B) {
		for range b.N {
			w.rebuild()
		}
		w.report(b, bare)
	})
	b.Run("search", func(b *testing.B) { benchSearch(b, s) })
}

// pass returns how long it takes to read and decode the log.
func (w *world) pass() time.Duration {
	start := time.Now()
	for entry, err := range w.Store.ReadAll(w.t.Context(), domain.Position{}, domain.Filter{}) {
		w.ok(err)
		_, err = w.Codec.Decode(entry)
		w.ok(err)
	}
	return time.Since(start)
}

func (w *world) benchSteps(b *testing.B, bare time.Duration, wired ...readmodel.Projection) {
	for range b.N {
		b.StopTimer()
		started := newWorld(b, w.suite) // read models that have started go on step by step
		started.openSalon()
		started.wire(wired...)
		started.catchUp()
		started.Log = w.Log
		started.wire(wired...)
		b.StartTimer()
		started.catchUp()
	}
	w.report(b, bare)
}

func (w *world) report(b *testing.B, bare time.Duration) {
	b.ReportMetric(float64(w.Events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/bare.Seconds(), "passes")
}
