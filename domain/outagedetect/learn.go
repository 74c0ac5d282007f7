package outagedetect

import (
	"math"
	"time"
)

// learnIn adds a message to the baseline of one cell.
func (d *Detector) learnIn(c *cell, f *flight) {
	if since := d.now - c.faded; since >= int64(time.Hour) {
		c.learned.fade(math.Exp(-float64(since) / float64(d.params.Memory)))
		c.faded = d.now
	}
	switch f.outcome {
	case delivered:
		c.learned.delivered[f.bin]++
	case failed:
		c.learned.failed[f.bin]++
	case open:
		c.learned.none++
	case excluded:
	}
	c.fresh++
	if c.fresh > 8 && c.fresh > 0.03*c.learned.total() {
		d.refresh(c)
	}
}

// baseline returns the counts of a cell with those of its parents as prior.
func (d *Detector) baseline(c *cell) counts {
	if c.parent == none {
		return c.learned.plus(firstGuess, d.params.Guess)
	}
	return c.learned.plus(d.baseline(&d.cells[c.parent]), d.params.Prior)
}

func (d *Detector) refresh(c *cell) {
	c.tables = d.params.tables(d.baseline(c))
	c.fresh = 0
}

// threshold returns the nats for confirmed at a provider.
func (d *Detector) threshold(p *provider) float64 {
	const start = 1 // hour that the least rate weighs
	elapsed := float64(d.now-p.counted) / float64(time.Hour)
	if elapsed >= 1 {
		p.hours += elapsed
		by := math.Exp(-elapsed * float64(time.Hour) / float64(d.params.Memory))
		p.messages *= by
		p.hours *= by
		p.counted, elapsed = d.now, 0
	}
	perHour := (p.messages + d.params.MinRate*start) / (p.hours + elapsed + start)
	return d.params.threshold(perHour, len(p.cells))
}
