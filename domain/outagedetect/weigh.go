package outagedetect

// step is what a message did.
type step uint8

const (
	stepQuiet step = iota // passed an age
	stepDelivered
	stepFailed
	stepUndo // turned out to be no evidence
)

// Evidence counts a message as silent from this age on.
const overdue = 2

// weigh adds a step of a message to the block of each of its cells.
func (d *Detector) weigh(f *flight, what step, bin int) {
	for _, i := range f.chain {
		if i != none && d.cells[i].ignoreBefore >= f.submitted {
			return
		}
	}
	for _, i := range f.chain {
		if i != none && d.cells[i].state == Out {
			d.cells[i].weighRecovery(&d.params, f, what, bin)
			return // explained: neither the parents nor the cells inside count it
		}
	}
	for _, i := range f.chain {
		if i != none {
			d.cells[i].weigh(&d.params, f, what, bin)
			d.providers[d.cells[i].provider].dirty = true
		}
	}
}

func (c *cell) weigh(p *Params, f *flight, what step, bin int) {
	c.dirty = true
	for j := range c.sums {
		s := &c.sums[j]
		if f.submitted < s.since-int64(p.Margin) {
			continue // it was sent before the change that this statistic supposes
		}
		nats := c.tables[j].nats(p, what, bin, j)
		if what == stepFailed {
			s.failed += nats
			s.failures++
		} else {
			s.quiet += nats
		}
		wasOverdue := bin > overdue && f.submitted >= s.since
		switch {
		case what == stepQuiet && bin == overdue:
			s.silent++
		case what != stepQuiet && wasOverdue && s.silent > 0:
			s.silent--
		}
		s.attribute(f.account, nats)
		if what == stepFailed || what == stepQuiet && bin >= overdue {
			s.accounts.add(f.account)
			s.numbers.add(f.number)
		}
	}
}

// weighRecovery adds a message that was submitted in the outage to the reversed statistic.
func (c *cell) weighRecovery(p *Params, f *flight, what step, bin int) {
	if f.submitted > c.changed {
		c.reverseBlock -= c.tables[c.against].nats(p, what, bin, c.against)
	}
}

// learn adds a message to the baselines of its cells, unless it may belong to an outage.
func (d *Detector) learn(f *flight) {
	if f.outcome == excluded {
		return
	}
	for _, i := range f.chain {
		if i == none {
			continue
		}
		if c := &d.cells[i]; c.state == Out || f.submitted <= c.frozenUntil {
			return
		}
	}
	for _, i := range f.chain {
		if i == none {
			continue
		}
		c := &d.cells[i]
		c.recent.add(f, d.now)
		if c.state == Healthy {
			d.learnIn(c, f)
		}
	}
}
