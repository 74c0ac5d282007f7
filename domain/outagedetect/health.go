package outagedetect

import (
	"iter"
	"math"
	"time"
)

// recent are the messages of the last hours, faded by half each hour.
type recent struct {
	messages, delivered float32
	at                  int64
}

func (r *recent) add(f *flight, now int64) {
	r.fade(now)
	r.messages++
	if f.outcome == delivered {
		r.delivered++
	}
}

func (r *recent) fade(now int64) {
	if elapsed := now - r.at; elapsed >= int64(time.Minute) {
		by := float32(math.Exp2(-float64(elapsed) / float64(time.Hour)))
		r.messages *= by
		r.delivered *= by
		r.at = now
	}
}

// Health is the view of a cell.
type Health struct {
	Cell        Cell
	State       State
	Since       time.Time     // of the state; zero if it never changed
	ChangePoint time.Time     // of a confirmed outage
	Cause       Cause         // of a confirmed outage
	S           float64       // the statistic
	PerHour     float64       // messages an hour, of the last hours
	Delivered   float64       // share delivered within 30 minutes, of the last hours; NaN without messages
	Usual       float64       // the same share as learned
	UsualWithin time.Duration // age until which half of the delivered usually are, on the grid
}

// Health returns the view of every cell, parents first.
func (d *Detector) Health() iter.Seq[Health] {
	return func(yield func(Health) bool) {
		for i := range d.cells {
			if !yield(d.health(&d.cells[i])) {
				return
			}
		}
	}
}

func (d *Detector) health(c *cell) Health {
	r := c.recent
	r.fade(d.now)
	h := Health{
		Cell: c.Cell, State: c.state, Since: fromNano(c.changed), S: c.lead().s,
		PerHour: float64(r.messages) * math.Ln2, Delivered: math.NaN(),
	}
	if r.messages > 0.01 {
		h.Delivered = float64(r.delivered / r.messages)
	}
	if c.state == Out {
		h.ChangePoint, h.Cause = fromNano(c.change), c.cause
	}
	b := d.baseline(c)
	var all float64
	for k := range bins {
		all += b.delivered[k]
	}
	h.Usual = all / b.total()
	arrived := 0.0
	for k, age := range ages {
		if arrived += b.delivered[k]; arrived >= all/2 {
			h.UsualWithin = age
			break
		}
	}
	return h
}
