package outagedetect_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// The same facts yield the same signals, in however many steps the clock moves between them.
func TestStepsOfTheClockMakeNoDifference(t *testing.T) {
	for seed := range uint64(3) {
		w := newWorld(300, seed)
		w.truth = make(map[string]bool)
		var facts []outagedetect.Fact
		for range 2 * dayTicks {
			var o outage
			if w.tick > dayTicks && w.tick < dayTicks+hourTicks*3 {
				o = ban(america)
			}
			w.step(o, func(f outagedetect.Fact) { facts = append(facts, f) })
		}
		replay := func(step time.Duration) []outagedetect.Signal {
			d := outagedetect.New(outagedetect.Defaults())
			var signals []outagedetect.Signal
			last := facts[0].At
			for _, f := range facts {
				for at := last.Add(step); step > 0 && at.Before(f.At); at = at.Add(step) {
					signals = append(signals, d.Advance(at)...)
				}
				signals = append(signals, d.Observe(f)...)
				last = f.At
			}
			return signals
		}
		want := replay(0)
		if len(want) < 3 {
			t.Fatalf("seed %d: only %s", seed, story(want))
		}
		for _, step := range []time.Duration{time.Second, 7 * time.Second, time.Minute} {
			if got := replay(step); !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d, step %v: got %s\nwant %s", seed, step, story(got), story(want))
			}
		}
	}
}

func TestFactsWithoutEffectAreCounted(t *testing.T) {
	d := outagedetect.New(outagedetect.Defaults())
	f := outagedetect.Fact{At: start, Message: "m", Kind: outagedetect.Submitted, Provider: "a", Country: "US"}
	d.Observe(f)
	d.Observe(f)
	unknown := f
	unknown.Kind, unknown.Message = outagedetect.Delivered, "n"
	d.Observe(unknown)
	unknown.Provider = "b"
	d.Observe(unknown)
	late := f
	late.At, late.Kind = start.Add(-time.Hour), outagedetect.Delivered
	d.Observe(late)
	d.Observe(late)
	failed := late
	failed.Kind = outagedetect.Failed
	d.Observe(failed)
	want := outagedetect.Counted{Unknown: 2, Duplicate: 3, Late: 3}
	if got := d.Counted(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !d.Now().Equal(start) {
		t.Errorf("the clock went back to %v", d.Now())
	}
}

func TestOldMessagesAreForgotten(t *testing.T) {
	d := outagedetect.New(outagedetect.Defaults())
	f := outagedetect.Fact{At: start, Message: "m", Kind: outagedetect.Submitted, Provider: "a", Country: "US"}
	d.Observe(f)
	d.Advance(start.Add(73 * time.Hour))
	f.Kind, f.At = outagedetect.Delivered, start.Add(73*time.Hour)
	d.Observe(f)
	if got := d.Counted(); got.Unknown != 1 {
		t.Errorf("got %+v", got)
	}
}

// The thresholds of the design for 27 cells.
func TestThreshold(t *testing.T) {
	for perHour, want := range map[float64]float64{1: 14.7, 10: 14.7, 100: 17.0, 1000: 19.3, 10_000: 21.6} {
		d := outagedetect.New(outagedetect.Defaults())
		for i := range int(perHour * 20) {
			at := start.Add(time.Duration(float64(i) / perHour * float64(time.Hour)))
			d.Observe(outagedetect.Fact{At: at, Message: fmt.Sprint(i), Kind: outagedetect.Submitted, Provider: "a"})
		}
		if got := d.Threshold(); math.Abs(got-want) > 0.1 {
			t.Errorf("%v/h: got %.2f, want %v", perHour, got, want)
		}
	}
}

func TestACellTakesLessThanAKilobyte(t *testing.T) {
	if outagedetect.CellSize >= 1024 {
		t.Errorf("got %d bytes", outagedetect.CellSize)
	}
}

// health returns the view of a cell.
func health(t *testing.T, d *outagedetect.Detector, c outagedetect.Cell) outagedetect.Health {
	t.Helper()
	for h := range d.Health() {
		if h.Cell == c {
			return h
		}
	}
	t.Fatalf("there is no cell %v", c)
	return outagedetect.Health{}
}

// A bad week is learned, an outage is not.
func TestBaselineIsFrozenInAnOutage(t *testing.T) {
	r := learned(t)
	before := health(t, r.d, whole)
	if before.Usual < 0.98 || before.State != outagedetect.Healthy || math.Abs(before.PerHour-100) > 10 || before.Delivered < 0.99 {
		t.Errorf("got %+v", before)
	}
	if before.UsualWithin != 15*time.Second {
		t.Errorf("got %+v", before)
	}
	r.send(100, 36*time.Second, quiet)
	out := health(t, r.d, whole)
	if out.State != outagedetect.Out || out.Cause != outagedetect.Silent || before.Usual-out.Usual > 0.005 {
		t.Errorf("got %+v, before it was %+v", out, before)
	}

	r = learned(t)
	n := 0
	r.send(1500, 36*time.Second, func(f outagedetect.Fact) outagedetect.Fact {
		if n++; n%14 == 0 {
			return quiet(f)
		}
		return good(f)
	})
	if after := health(t, r.d, whole); after.Usual > before.Usual-0.02 {
		t.Errorf("got %+v, before it was %+v", after, before)
	}
}

// A new network begins with the baseline of its country.
func TestANewCellInheritsItsBaseline(t *testing.T) {
	r := learned(t)
	r.send(1, time.Second, func(f outagedetect.Fact) outagedetect.Fact { return good(f) })
	f := outagedetect.Fact{
		At: r.at, Message: "new", Kind: outagedetect.Submitted, Provider: "a", Country: "US", Network: "US-9",
	}
	r.observe(f)
	parent := health(t, r.d, outagedetect.Cell{Provider: "a", Region: "NA", Country: "US"})
	child := health(t, r.d, outagedetect.CellOf("a", "US", "US-9"))
	if math.Abs(parent.Usual-child.Usual) > 1e-9 || !math.IsNaN(child.Delivered) {
		t.Errorf("got %+v, its country has %+v", child, parent)
	}
}

// Receipts tell the network of messages that were submitted without one.
func TestReceiptsTellTheNetwork(t *testing.T) {
	r := newRun(outagedetect.Defaults())
	hidden := func(next fate) fate {
		return func(f outagedetect.Fact) outagedetect.Fact { return next(f) }
	}
	r.send(1500, 36*time.Second, hidden(good))
	network := outagedetect.Cell{Provider: "b", Region: "NA", Country: "US", Network: "310-410"}
	for i := range 600 {
		f := outagedetect.Fact{
			At: r.at, Message: fmt.Sprint("b", i), Kind: outagedetect.Submitted, Provider: "b", Country: "US",
			Account: fmt.Sprint("acc", i%17), To: fmt.Sprint("to", i),
		}
		r.observe(f)
		r.at = r.at.Add(20 * time.Second)
		f.At, f.Kind, f.Network = r.at, outagedetect.Delivered, "310-260"
		if i%4 == 0 {
			if f.Network = "310-410"; i > 400 {
				f.Kind, f.Class = outagedetect.Failed, outagedetect.ClassCarrier
			}
		}
		r.observe(f)
	}
	if got := r.confirmed(); len(got) != 1 || got[0].Cell != network {
		t.Errorf("got %s", story(r.signals))
	}
}
