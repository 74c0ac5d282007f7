package outagedetect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// run feeds messages of a provider, round robin over countries, networks, accounts and numbers.
type run struct {
	d       *outagedetect.Detector
	at      time.Time
	n       int
	signals []outagedetect.Signal
	pending []outagedetect.Fact
	answer  outagedetect.Kind // to polls; 0: none
}

type fate = func(f outagedetect.Fact) outagedetect.Fact

func newRun(p outagedetect.Params) *run { return &run{d: outagedetect.New(p), at: start} }

// learned returns a run after 1,500 good messages, 100 an hour.
func learned(t *testing.T) *run {
	t.Helper()
	r := newRun(outagedetect.Defaults())
	r.send(1500, 36*time.Second, good)
	if len(r.signals) > 0 {
		t.Fatalf("signals without an outage: %v", r.signals)
	}
	return r
}

// send sends n messages, one each step. fate turns a submit into its final, or into Kind 0 for silence, or rejects it.
func (r *run) send(n int, step time.Duration, fate fate) {
	countries := []string{"US", "US", "GB", "CA", "BR", "US", "GB", "AU"}
	for range n {
		r.n++
		country := countries[r.n%len(countries)]
		f := outagedetect.Fact{
			At: r.at, Message: fmt.Sprint("m", r.n), Kind: outagedetect.Submitted, Provider: "a", Country: country,
			Network: fmt.Sprint(country, "-", r.n/8%3), Account: fmt.Sprint("acc", r.n%17), To: fmt.Sprint("to", r.n),
		}
		final := fate(f)
		if final.Kind == outagedetect.Rejected {
			f = final
		} else if final.Kind != 0 {
			r.pending = append(r.pending, final)
		}
		r.observe(f)
		r.wait(step)
	}
}

// wait lets time pass in steps of at most five seconds. Receipts come in their order.
func (r *run) wait(d time.Duration) {
	for end := r.at.Add(d); r.at.Before(end); {
		r.signals = append(r.signals, r.d.Advance(r.at)...)
		for _, p := range r.d.Polls() {
			if r.answer != 0 {
				r.observe(outagedetect.Fact{At: r.at, Message: p.Message, Provider: p.Provider, Kind: r.answer})
			}
		}
		next := r.at.Add(5 * time.Second)
		for len(r.pending) > 0 && !r.pending[0].At.After(next) {
			r.observe(r.pending[0])
			r.pending = r.pending[1:]
		}
		r.at = next
		if next.After(end) {
			r.at = end
		}
	}
}

func (r *run) observe(f outagedetect.Fact) { r.signals = append(r.signals, r.d.Observe(f)...) }

// confirmed returns the confirmed signals.
func (r *run) confirmed() []outagedetect.Signal {
	return slices.DeleteFunc(slices.Clone(r.signals), func(s outagedetect.Signal) bool {
		return s.Kind != outagedetect.Confirmed
	})
}

// story renders signals for a comparison.
func story(signals []outagedetect.Signal) string {
	var lines []string
	for _, s := range signals {
		c := s.Cell
		cell := strings.TrimRight(c.Provider+" "+c.Region+" "+c.Country+" "+c.Network, " ")
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%s %s %s", s.Kind, cell, s.Cause), " "))
	}
	return strings.Join(lines, "; ")
}

func (r *run) want(t *testing.T, want string) {
	t.Helper()
	if got := story(r.signals); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func good(f outagedetect.Fact) outagedetect.Fact {
	f.At, f.Kind = f.At.Add(6*time.Second), outagedetect.Delivered
	return f
}

func quiet(outagedetect.Fact) outagedetect.Fact { return outagedetect.Fact{} }

func fails(class outagedetect.Class) fate {
	return func(f outagedetect.Fact) outagedetect.Fact {
		f.At, f.Kind, f.Class = f.At.Add(6*time.Second), outagedetect.Failed, class
		return f
	}
}

func rejects(class outagedetect.Class, limited bool) fate {
	return func(f outagedetect.Fact) outagedetect.Fact {
		f.Kind, f.Class, f.Limited = outagedetect.Rejected, class, limited
		return f
	}
}

// within applies a fate to messages of a cell; the others are good.
func within(c outagedetect.Cell, bad fate) fate {
	return func(f outagedetect.Fact) outagedetect.Fact {
		if c.Contains(outagedetect.CellOf(f.Provider, f.Country, f.Network)) {
			return bad(f)
		}
		return good(f)
	}
}

func TestScopeAndCause(t *testing.T) {
	a := outagedetect.Cell{Provider: "a"}
	na := outagedetect.Cell{Provider: "a", Region: "NA"}
	gb := outagedetect.Cell{Provider: "a", Region: "EU", Country: "GB"}
	network := outagedetect.Cell{Provider: "a", Region: "NA", Country: "US", Network: "US-1"}
	for name, c := range map[string]struct {
		cell  outagedetect.Cell
		bad   fate
		cause outagedetect.Cause
		most  int // affected messages until confirmed
	}{
		"a silent provider":  {a, quiet, outagedetect.Silent, 15},
		"a silent region":    {na, quiet, outagedetect.Silent, 15},
		"a silent country":   {gb, quiet, outagedetect.Silent, 12},
		"a silent network":   {network, quiet, outagedetect.Silent, 12},
		"a banned region":    {na, fails(outagedetect.ClassCarrier), outagedetect.Blocked, 10},
		"a banned network":   {network, fails(outagedetect.ClassUnknown), outagedetect.Blocked, 10},
		"filters of content": {gb, fails(outagedetect.ClassContent), outagedetect.Blocked, 10},
		"a class unheard of": {gb, fails("NEW"), outagedetect.Blocked, 10},
		"a failing provider": {a, fails(outagedetect.ClassProvider), outagedetect.Blocked, 12},
	} {
		t.Run(name, func(t *testing.T) {
			r := learned(t)
			began, affected := r.at, 0
			r.send(200, 36*time.Second, within(c.cell, func(f outagedetect.Fact) outagedetect.Fact {
				affected += count(len(r.confirmed()) == 0)
				return c.bad(f)
			}))
			found := r.confirmed()
			if len(found) == 0 || found[len(found)-1].Cell != c.cell || found[0].Cause != c.cause {
				t.Fatalf("got %s", story(r.signals))
			}
			if affected > c.most {
				t.Errorf("confirmed after %d messages, want at most %d", affected, c.most)
			}
			if off := found[0].ChangePoint.Sub(began); off.Abs() > 3*time.Minute {
				t.Errorf("the change point is %v from the begin", off)
			}
			if e := found[0].Evidence; e.Messages < 5 || e.Accounts < 3 || e.Numbers < 3 || e.Failed+e.Silent > e.Messages {
				t.Errorf("evidence %+v", e)
			}
		})
	}
}

// Failures that are not the provider's fault, and throttling, never count.
func TestSomeClassesNeverCount(t *testing.T) {
	for _, class := range []outagedetect.Class{
		outagedetect.ClassNumber, outagedetect.ClassOptOut, outagedetect.ClassHandset, outagedetect.ClassThrottle,
		outagedetect.ClassConfiguration,
	} {
		r := learned(t)
		r.send(200, 36*time.Second, fails(class))
		r.want(t, "")
		r.send(50, 36*time.Second, func(f outagedetect.Fact) outagedetect.Fact { // after it counted as silent
			f = fails(class)(f)
			f.At = f.At.Add(4 * time.Minute)
			return f
		})
		if len(r.confirmed()) > 0 {
			t.Errorf("%s: %s", class, story(r.signals))
		}
		if class == outagedetect.ClassConfiguration {
			continue
		}
		r = learned(t)
		r.send(200, 36*time.Second, rejects(class, false))
		r.want(t, "")
	}
}

func TestSilenceWithoutAMessageIsNone(t *testing.T) {
	r := learned(t)
	r.wait(48 * time.Hour)
	r.want(t, "")
}

// A stall of receipts for some minutes confirms nothing, because a block adds at most ClipQuiet.
func TestAShortStallConfirmsNothing(t *testing.T) {
	r := learned(t)
	r.send(1000, 4*time.Second, good)
	for range 5 {
		back := r.at.Add(4 * time.Minute)
		r.send(60, 4*time.Second, func(f outagedetect.Fact) outagedetect.Fact {
			f = good(f)
			f.At = back // one after the other, as they are sent
			return f
		})
		r.send(200, 4*time.Second, good)
	}
	if len(r.confirmed()) > 0 {
		t.Errorf("got %s", story(r.signals))
	}
}

func TestPollsTellTheCause(t *testing.T) {
	for _, c := range map[string]struct {
		answer outagedetect.Kind
		want   outagedetect.Cause
	}{
		"delivered": {outagedetect.PolledDelivered, outagedetect.ReceiptsOnly},
		"open":      {outagedetect.PolledOpen, outagedetect.Silent},
		"none":      {0, outagedetect.Silent},
	} {
		r := learned(t)
		r.answer = c.answer
		r.send(40, 36*time.Second, quiet)
		r.want(t, "suspected a; confirmed a "+string(c.want))
		if c.want != outagedetect.ReceiptsOnly {
			continue
		}
		r.send(20, 36*time.Second, quiet)
		r.want(t, "suspected a; confirmed a receipts-only")
		r.answer = outagedetect.PolledOpen // now the messages are lost, too
		r.send(40, 36*time.Second, quiet)
		r.want(t, "suspected a; confirmed a receipts-only; confirmed a silent")
	}
}

func TestAPIErrorsConfirmWithinFourSubmits(t *testing.T) {
	for _, class := range []outagedetect.Class{outagedetect.ClassProvider, outagedetect.ClassUnknown} {
		r := learned(t)
		r.send(3, 36*time.Second, rejects(class, false))
		r.want(t, "")
		r.send(1, 36*time.Second, rejects(class, false))
		r.want(t, "confirmed a blocked")
	}
	r := learned(t) // errors between successes
	for range 100 {
		r.send(1, 36*time.Second, rejects(outagedetect.ClassProvider, false))
		r.send(9, 36*time.Second, good)
	}
	r.want(t, "")
	one := rejects(outagedetect.ClassProvider, false) // of one number
	r.send(20, 36*time.Second, func(f outagedetect.Fact) outagedetect.Fact {
		f = one(f)
		f.To = "to1"
		return f
	})
	r.want(t, "")
}

func TestConfigurationTripsAtOnce(t *testing.T) {
	r := learned(t)
	r.send(1, time.Second, rejects(outagedetect.ClassConfiguration, false))
	r.want(t, "confirmed a configuration")

	r = learned(t)
	r.send(1, time.Second, rejects(outagedetect.ClassConfiguration, true))
	if got := r.confirmed(); len(got) != 1 || got[0].Cell.Country == "" || got[0].Cell.Network != "" {
		t.Errorf("got %s, want the country", story(r.signals))
	}
	r = learned(t)
	r.send(1, time.Second, rejects(outagedetect.ClassContent, true))
	if got := r.confirmed(); len(got) != 1 || got[0].Cell.Country == "" || got[0].Cause != outagedetect.Blocked {
		t.Errorf("got %s, want the country", story(r.signals))
	}
}

// The provider's code did not tell, but other countries go on.
func TestConfigurationOfOneCountryIsNarrowed(t *testing.T) {
	r := learned(t)
	gb := outagedetect.Cell{Provider: "a", Region: "EU", Country: "GB"}
	r.send(16, 36*time.Second, within(gb, rejects(outagedetect.ClassConfiguration, false)))
	r.want(t, "confirmed a configuration; cleared a configuration; confirmed a EU GB configuration")
}

func TestOneAccountIsNoOutage(t *testing.T) {
	for name, mine := range map[string]fate{"failed": fails(outagedetect.ClassContent), "silent": quiet} {
		r := learned(t)
		r.send(1000, 36*time.Second, func(f outagedetect.Fact) outagedetect.Fact {
			if f.Account == "acc3" || f.Account == "acc4" && r.n%3 > 0 {
				return mine(f)
			}
			return good(f)
		})
		if len(r.confirmed()) > 0 {
			t.Errorf("%s: %s", name, story(r.signals))
		}
	}
}

func TestRecovery(t *testing.T) {
	r := learned(t)
	r.send(20, 36*time.Second, fails(outagedetect.ClassCarrier))
	r.want(t, "suspected a; confirmed a blocked")
	ended := r.at
	r.send(100, 36*time.Second, good)
	r.want(t, "suspected a; confirmed a blocked; cleared a blocked")
	cleared := r.signals[len(r.signals)-1]
	if after := cleared.At.Sub(ended); after < 14*time.Minute || after > 17*time.Minute {
		t.Errorf("cleared %v after the end", after)
	}
	if !cleared.ChangePoint.Equal(r.signals[1].ChangePoint) {
		t.Error("the change point moved")
	}
	r.send(20, 36*time.Second, fails(outagedetect.ClassCarrier)) // it flaps
	ended = r.at
	r.send(100, 36*time.Second, good)
	cleared = r.signals[len(r.signals)-1]
	if after := cleared.At.Sub(ended); cleared.Kind != outagedetect.Cleared || after < 28*time.Minute {
		t.Errorf("%s %v after the end of the second outage", cleared.Kind, after)
	}
}

func TestNoRecoveryWithoutTraffic(t *testing.T) {
	r := learned(t)
	r.send(20, 36*time.Second, fails(outagedetect.ClassCarrier))
	r.wait(24 * time.Hour)
	r.want(t, "suspected a; confirmed a blocked")
}

// A second outage elsewhere is found while the first one lasts.
func TestTwoOutagesAtOnce(t *testing.T) {
	na := outagedetect.Cell{Provider: "a", Region: "NA"}
	gb := outagedetect.Cell{Provider: "a", Region: "EU", Country: "GB"}
	r := learned(t)
	r.send(300, 36*time.Second, within(na, fails(outagedetect.ClassCarrier)))
	r.send(100, 36*time.Second, func(f outagedetect.Fact) outagedetect.Fact {
		if f.Country == "GB" {
			return quiet(f)
		}
		return within(na, fails(outagedetect.ClassCarrier))(f)
	})
	var cells []outagedetect.Cell
	for _, s := range r.confirmed() {
		cells = append(cells, s.Cell)
	}
	if !slices.Contains(cells, na) || cells[len(cells)-1] != gb {
		t.Errorf("got %s", story(r.signals))
	}
}
