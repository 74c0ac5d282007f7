package outagedetect_test

import (
	"math"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// scenario is an outage in the world.
type scenario struct {
	name   string
	hour   int // UTC, when it begins
	cell   outagedetect.Cell
	cause  outagedetect.Cause
	limit  time.Duration // how long it is given to be confirmed
	change func(begin int64) outage
}

var (
	whole   = outagedetect.Cell{Provider: "a"}
	america = outagedetect.Cell{Provider: "a", Region: "NA"}
	britain = outagedetect.Cell{Provider: "a", Region: "EU", Country: "GB"}
	oneNet  = outagedetect.Cell{Provider: "a", Region: "NA", Country: "US", Network: "US-1"}
)

// noon is the hour in UTC when North America is busy.
const noon = 18

var scenarios = []scenario{
	{"total, silent", noon, whole, outagedetect.Silent, 24 * time.Hour, func(int64) outage { return silence(whole) }},
	{"North America banned", noon, america, outagedetect.Blocked, 24 * time.Hour, func(int64) outage { return ban(america) }},
	{"one network (17 %)", noon, oneNet, outagedetect.Blocked, 24 * time.Hour, func(int64) outage { return ban(oneNet) }},
	{"one country (10 %)", noon - 6, britain, outagedetect.Blocked, 24 * time.Hour, func(int64) outage { return ban(britain) }},
	{"95 to 70 % in 6 h", noon - 6, whole, "", 24 * time.Hour, decay},
	{"receipts only", noon, whole, outagedetect.ReceiptsOnly, 24 * time.Hour, func(int64) outage { return lostReceipts }},
	{"flapping", noon, whole, outagedetect.Silent, 6 * time.Hour, flapping},
	{"North America at night", 7, america, outagedetect.Silent, 24 * time.Hour, func(int64) outage { return silence(america) }},
	{"API down", noon, whole, outagedetect.Blocked, time.Hour, func(int64) outage { return apiDown }},
	{"one account's content", noon, outagedetect.Cell{}, "", 6 * time.Hour, func(int64) outage { return badContent }},
}

func in(c outagedetect.Cell, n *network) bool {
	return c.Contains(outagedetect.CellOf("a", n.country, n.code))
}

// silence loses every text without a receipt.
func silence(c outagedetect.Cell) outage {
	return func(_ *world, n *network, t *text) {
		if in(c, n) {
			t.kind, t.delivered = 0, false
		}
	}
}

// ban lets the networks reject two fifths, lose the rest, and pass few.
func ban(c outagedetect.Cell) outage {
	return func(w *world, n *network, t *text) {
		if !in(c, n) {
			return
		}
		switch u := w.rng.Float64(); {
		case u < 0.02:
		case u < 0.42:
			t.kind, t.class, t.delivered = outagedetect.Failed, outagedetect.ClassCarrier, false
		default:
			t.kind, t.delivered = 0, false
		}
	}
}

// decay loses more and more texts, half of them without a receipt.
func decay(begin int64) outage {
	return func(w *world, _ *network, t *text) {
		progress := min(float64(w.tick-begin)/float64(6*hourTicks), 1)
		if t.kind != outagedetect.Delivered || w.rng.Float64() >= progress*0.25/0.95 {
			return
		}
		t.delivered = false
		if t.kind = 0; w.rng.Float64() < 0.5 {
			t.kind, t.class = outagedetect.Failed, outagedetect.ClassCarrier
		}
	}
}

func lostReceipts(_ *world, _ *network, t *text) { t.kind = 0 }

// flapping loses ten minutes of every thirty.
func flapping(begin int64) outage {
	return func(_ *world, _ *network, t *text) {
		if (t.submitted-begin)%(hourTicks/2) < hourTicks/6 {
			t.kind, t.delivered = 0, false
		}
	}
}

func apiDown(_ *world, _ *network, t *text) {
	t.kind, t.class, t.delivered = outagedetect.Rejected, outagedetect.ClassProvider, false
}

// badContent lets filters stop every text of one account with a fifth of the traffic. It is told by its name.
func badContent(w *world, _ *network, t *text) {
	if w.rng.Float64() < 0.2 {
		t.kind, t.class, t.delivered = outagedetect.Failed, outagedetect.ClassContent, false
		t.spam = true
	}
}

// result is how one run of a scenario went.
type result struct {
	found      bool
	late       time.Duration // from the begin until the first confirmed signal that touches the cell
	lost       int           // affected messages until then
	scope      bool          // the first confirmed cell is the right one
	scopeLater bool          // half an hour later it is
	cause      outagedetect.Cause
	change     time.Duration // error of the change point
	changeMsgs int           // affected messages between the change point and the begin
	elsewhere  int           // confirmed cells outside
	confirmed  int
	win15      time.Duration // of the GOV.UK rule; 0: never
	win15Lost  int
}

// near reports whether the change point is within two minutes or two messages of the begin.
func (r result) near() bool { return r.found && (r.change.Abs() <= 2*time.Minute || r.changeMsgs <= 2) }

// run plays a scenario on copies of a world and of a detector.
func (s scenario) run(w *world, d *outagedetect.Detector, rule *win15, after time.Duration) result {
	var r result
	begin, started := w.tick, w.now()
	o := s.change(begin)
	affected := 0
	var submits []int64 // of affected messages
	var first outagedetect.Signal
	end := begin + int64(s.limit/tickLength)
	standing := make(map[outagedetect.Cell]bool)
	take := func(signals []outagedetect.Signal) {
		for _, g := range signals {
			switch g.Kind {
			case outagedetect.Confirmed:
				r.confirmed++
				standing[g.Cell] = true
				if !g.Cell.Contains(s.cell) && !s.cell.Contains(g.Cell) {
					r.elsewhere++
				} else if !r.found {
					r.found, first = true, g
					r.late, r.lost, r.cause = g.At.Sub(started), affected, g.Cause
					r.scope = g.Cell == s.cell
					end = min(end, w.tick+int64(after/tickLength))
				}
			case outagedetect.Cleared:
				delete(standing, g.Cell)
			case outagedetect.Suspected:
			}
		}
	}
	for w.tick < end {
		w.step(o, func(f outagedetect.Fact) {
			if (f.Kind == outagedetect.Submitted || f.Kind == outagedetect.Rejected) &&
				s.cell.Contains(outagedetect.CellOf("a", f.Country, f.Network)) {
				affected++
				submits = append(submits, w.tick)
			}
			take(d.Observe(f))
			rule.observe(w.tick, f)
		})
		take(d.Advance(w.now()))
		for _, p := range d.Polls() {
			kind := outagedetect.PolledOpen
			if w.truth[p.Message] {
				kind = outagedetect.PolledDelivered
			}
			take(d.Observe(outagedetect.Fact{At: w.now(), Kind: kind, Provider: p.Provider, Message: p.Message}))
		}
		if rule.step(w.tick-1) && r.win15 == 0 {
			r.win15, r.win15Lost = time.Duration(w.tick-begin)*tickLength, affected
		}
	}
	r.scopeLater = standing[s.cell]
	if r.found {
		r.change = first.ChangePoint.Sub(started)
		changed := begin + int64(r.change/tickLength)
		for _, t := range submits {
			if t < changed {
				r.changeMsgs++
			}
		}
		if changed < begin {
			perTick := 0.0
			for i := range w.nets {
				if in(s.cell, &w.nets[i]) {
					perTick += w.perHour * w.weights[i] / float64(hourTicks)
				}
			}
			r.changeMsgs = int(math.Round(perTick * float64(begin-changed)))
		}
	}
	return r
}
