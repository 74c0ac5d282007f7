package outagedetect

import (
	"math"
	"time"
)

// ages is the grid: a message without a receipt is weighed when it passes one of them.
var ages = [...]time.Duration{
	15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
}

const (
	steps = len(ages)
	bins  = steps + 1 // intervals between ages; the last one is after the last age
	alts  = 3
	half  = 1 // the index of the alternative that recovery is measured against
)

// remain are the shares of deliveries that remain in the three kinds of outages, and refuse the shares of the lost
// messages that are reported as failed.
var (
	remain = [alts]float64{0.05, 0.5, 0.8}
	refuse = [alts]float64{0.25, 0.4, 0.4}

	logRemain = [alts]float64{math.Log(remain[0]), math.Log(remain[1]), math.Log(remain[2])}
)

// counts are finals by age. The counts of a cell fade with time.
type counts struct {
	delivered, failed [bins]float64
	none              float64 // without a final at the last age
}

func (c *counts) total() float64 {
	n := c.none
	for k := range bins {
		n += c.delivered[k] + c.failed[k]
	}
	return n
}

func (c *counts) fade(by float64) {
	c.none *= by
	for k := range bins {
		c.delivered[k] *= by
		c.failed[k] *= by
	}
}

// plus returns c and the shares of prior times weight.
func (c counts) plus(prior counts, weight float64) counts {
	scale := weight / prior.total()
	c.none += prior.none * scale
	for k := range bins {
		c.delivered[k] += prior.delivered[k] * scale
		c.failed[k] += prior.failed[k] * scale
	}
	return c
}

// firstGuess is the baseline of a provider that nothing is known of. Its receipts are slower than those of most.
var firstGuess = counts{
	delivered: [bins]float64{0.55, 0.12, 0.10, 0.07, 0.05, 0.02, 0.02, 0.01},
	failed:    [bins]float64{0.010, 0.002, 0.002, 0.002, 0.002, 0.001, 0.001, 0},
	none:      0.04,
}

// table holds the log likelihood ratios of one alternative, in nats.
type table struct {
	quiet  [bins]float32 // of no receipt until the age before the interval
	failed float32       // of a failure, whenever it comes
}

// nats returns what a step of a message adds to the statistic.
func (t *table) nats(p *Params, what step, bin, alt int) float64 {
	before := float64(t.quiet[bin])
	switch what {
	case stepQuiet:
		return min(float64(t.quiet[bin+1])-before, p.CapOne)
	case stepDelivered:
		return logRemain[alt] - before
	case stepFailed:
		return min(float64(t.failed)-before, p.CapOne)
	case stepUndo:
		return -before
	}
	return 0
}

// tables computes the tables of a baseline b. The null is shaded towards worse by p.Delta, and its receipts are a
// little rarer than learned, so that small errors of the baseline do not add up.
func (p Params) tables(b counts) [alts]table {
	const rarer = 0.985
	n := b.total()
	var good, bad float64
	var byAge, failedByAge [bins]float64 // cumulated
	for k := range bins {
		good += b.delivered[k] / n
		bad += b.failed[k] / n
		byAge[k], failedByAge[k] = good, bad
	}
	p0, q0 := max(good-p.Delta, 0.05), bad+p.Delta/2
	var made [alts]table
	for j, r := range remain {
		p1, q1 := r*p0, min(q0+refuse[j]*(1-r)*p0, 1-r*p0)
		made[j].failed = float32(math.Log(q1 / q0))
		for k := range steps {
			arrived, broken := rarer*byAge[k]/max(good, 1e-9), failedByAge[k]/max(bad, 1e-9)
			ratio := (1 - p1*arrived - q1*broken) / (1 - p0*arrived - q0*broken)
			made[j].quiet[k+1] = float32(math.Log(ratio))
		}
	}
	return made
}
