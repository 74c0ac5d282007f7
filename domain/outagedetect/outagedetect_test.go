package outagedetect_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// run feeds messages of an hourly rate, round robin over countries, accounts and numbers.
type run struct {
	d       *outagedetect.Detector
	at      time.Time
	n       int
	signals []outagedetect.Signal
	pending []outagedetect.Fact
}

func newRun(p outagedetect.Params) *run { return &run{d: outagedetect.New(p), at: start} }

// send sends n messages, one each step. fate returns the final, or Kind 0 for silence.
func (r *run) send(n int, step time.Duration, fate func(f outagedetect.Fact) outagedetect.Fact) {
	countries := []string{"US", "US", "GB", "CA", "BR", "US", "GB", "AU"}
	for range n {
		r.n++
		f := outagedetect.Fact{
			At: r.at, Message: fmt.Sprint("m", r.n), Kind: outagedetect.Submitted, Provider: "a",
			Country: countries[r.n%len(countries)], Account: fmt.Sprint("acc", r.n%17), To: fmt.Sprint("to", r.n),
		}
		f.Network = fmt.Sprint(f.Country, "-", r.n/8%3)
		r.observe(f)
		if final := fate(f); final.Kind != 0 {
			r.pending = append(r.pending, final)
		}
		r.wait(step)
	}
}

func (r *run) wait(d time.Duration) {
	for end := r.at.Add(d); r.at.Before(end); r.at = r.at.Add(time.Second) {
		rest := r.pending[:0]
		for _, f := range r.pending {
			if f.At.After(r.at) {
				rest = append(rest, f)
				continue
			}
			r.observe(f)
		}
		r.pending = rest
		r.signals = append(r.signals, r.d.Advance(r.at)...)
	}
}

func (r *run) observe(f outagedetect.Fact) { r.signals = append(r.signals, r.d.Observe(f)...) }

func good(f outagedetect.Fact) outagedetect.Fact {
	f.At, f.Kind = f.At.Add(6*time.Second), outagedetect.Delivered
	return f
}

func quiet(outagedetect.Fact) outagedetect.Fact { return outagedetect.Fact{} }

func TestTotalSilenceConfirmsTheProvider(t *testing.T) {
	r := newRun(outagedetect.Defaults())
	r.send(1200, 36*time.Second, good)
	if len(r.signals) > 0 {
		t.Fatalf("signals without an outage: %v", r.signals)
	}
	began := r.at
	r.send(100, 36*time.Second, quiet)
	var kinds []outagedetect.Change
	for _, s := range r.signals {
		kinds = append(kinds, s.Kind)
	}
	if want := []outagedetect.Change{outagedetect.Suspected, outagedetect.Confirmed}; !slices.Equal(kinds, want) {
		t.Fatalf("got %v, want %v", r.signals, want)
	}
	last := r.signals[1]
	if late := last.At.Sub(began); last.Cell != (outagedetect.Cell{Provider: "a"}) || late > 9*time.Minute {
		t.Errorf("got %+v, %v after the outage began", last, late)
	}
}
