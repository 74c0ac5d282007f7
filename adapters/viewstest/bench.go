package viewstest

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Bench builds read models from a log: step by step, each alone and all together, and by a rebuild. It reports events
// of the log per second (events/s), and the time as a multiple of a pass that only reads and decodes the log
// (passes). Then it applies bookings one append after the other, and searches for clients.
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
	b.Run("live", w.benchLive)
	b.Run("search", func(b *testing.B) { benchSearch(b, s) })
}

// benchLive applies bookings as a server does: it follows the log, and a reader waits for each append.
func (w *world) benchLive(b *testing.B) {
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.projector.Run(ctx) }()
	who := domain.DeriveID[domain.ClientID]("client", 0)
	first := w.Events
	b.ResetTimer()
	for range b.N {
		w.visits++
		a := domain.DeriveID[domain.AppointmentID]("live", w.visits)
		for _, one := range projectiontest.Booked(a, who, monday, monday.Add(time.Duration(w.visits)*time.Hour)) {
			w.Append(one)
			w.ok(w.projector.Wait(ctx, w.Last))
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(w.Events-first)/float64(b.N), "events/op")
	stop()
	w.ok(<-ended)
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
