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
	steps  = len(ages)
	bins   = steps + 1 // intervals between ages; the last one is after the last age
	alts   = 3
	half   = 1 // the index of the alternative that recovery is measured against
	silent = bins
)

// remain are the shares of deliveries that remain in the three kinds of outages.
var remain = [alts]float64{0.05, 0.5, 0.8}

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

// table holds what a step of one message adds to the statistic of one alternative, in nats.
type table struct {
	quiet     [steps]float32 // it passed an age without a receipt
	delivered [bins]float32
	failed    [bins]float32
}

// undo returns what takes back the silence of a message that turned out to be no evidence.
func (t *table) undo(bin, alt int) float64 {
	return float64(t.delivered[bin]) - math.Log(remain[alt])
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
		p1, q1 := r*p0, min(q0+0.4*(1-r)*p0, 1-r*p0)
		at := 0.0 // log likelihood ratio of being silent until the age before
		for k := range bins {
			made[j].delivered[k] = float32(min(math.Log(r)-at, p.CapOne))
			made[j].failed[k] = float32(min(math.Log(q1/q0)-at, p.CapOne))
			if k == steps {
				break
			}
			arrived, broken := rarer*byAge[k]/max(good, 1e-9), failedByAge[k]/max(bad, 1e-9)
			next := math.Log((1 - p1*arrived - q1*broken) / (1 - p0*arrived - q0*broken))
			made[j].quiet[k] = float32(min(next-at, p.CapOne))
			at = next
		}
	}
	return made
}
