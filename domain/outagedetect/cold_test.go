package outagedetect_test

import (
	"testing"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// A detector that has learned nothing raises no false alarm on its first day, even if the provider is slower or worse
// than it assumes, and it finds an outage after six hours.
func TestColdStart(t *testing.T) {
	for seed := range uint64(5) {
		for _, slower := range []float64{1, 3, 10} {
			w, d := newWorld(100, seed), outagedetect.New(outagedetect.Defaults())
			w.tick, w.slower = int64(seed)*hourTicks, slower
			for i := range w.nets {
				w.nets[i].delivered -= 0.02 * float64(seed)
				w.nets[i].na += 0.02 * float64(seed)
			}
			var signals []outagedetect.Signal
			for range dayTicks {
				w.step(nil, func(f outagedetect.Fact) { signals = append(signals, d.Observe(f)...) })
				signals = append(signals, d.Advance(w.now())...)
			}
			for _, s := range signals {
				if s.Kind == outagedetect.Confirmed {
					t.Errorf("seed %d, receipts %v times slower: %s", seed, slower, story(signals))
				}
			}
		}
		w, d := newWorld(100, seed), outagedetect.New(outagedetect.Defaults())
		w.tick = (noon - 6) * hourTicks
		for range 6 * hourTicks {
			w.step(nil, func(f outagedetect.Fact) { d.Observe(f) })
			d.Advance(w.now())
		}
		if r := scenarios[0].run(w.clone(seed), d, newWin15(), 0); !r.found || r.lost > 25 {
			t.Errorf("seed %d: got %+v", seed, r)
		}
	}
}
