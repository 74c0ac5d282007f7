package outagedetect

// confirm confirms a cell without evidence of its own.
func (d *Detector) confirm(at int32, cause Cause, since int64, s float64) {
	d.confirmWith(at, cause, since, s, Evidence{})
}

// confirmWith confirms a cell. Its messages stop counting in the parents and in the cells inside, because they are
// explained.
func (d *Detector) confirmWith(at int32, cause Cause, since int64, s float64, e Evidence) {
	c := &d.cells[at]
	p := &d.providers[c.provider]
	for _, i := range p.cells {
		if i == at {
			continue
		}
		o := &d.cells[i]
		switch {
		case c.Contains(o.Cell):
			d.absorb(i)
		case o.Contains(c.Cell):
			d.subtract(i, at)
		}
	}
	if c.clearedAt != 0 && d.now-c.clearedAt < int64(d.params.Reopen) {
		c.hold = min(2*c.hold, int64(d.params.MaxHold)) // it flaps
	} else {
		c.hold = int64(d.params.Hold)
	}
	c.state, c.told, c.cause, c.changed, c.change = Out, Out, cause, d.now, since
	c.reverse, c.reverseBlock, c.goodSince, c.against = 0, 0, d.now, max(c.leading(), half)
	c.crossed, c.poll = false, poll{}
	for j := range c.sums {
		c.sums[j].rest = 0
		c.sums[j].restart(d.now)
	}
	p.active = true
	d.tell(Signal{Kind: Confirmed, Cell: c.Cell, ChangePoint: fromNano(since), Cause: cause, S: s, Evidence: e})
}

// absorb ends what was told about a cell inside a confirmed one.
func (d *Detector) absorb(i int32) {
	o := &d.cells[i]
	d.end(i)
	o.state, o.crossed, o.poll = Healthy, false, poll{}
	for j := range o.sums {
		o.sums[j].rest = 0
		o.sums[j].restart(d.now)
	}
}

// subtract leaves a larger cell with the evidence that the confirmed cell inside does not explain.
func (d *Detector) subtract(i, confirmed int32) {
	o := &d.cells[i]
	below := confirmed // the cell on the way to the confirmed one, directly inside
	for d.cells[below].parent != i {
		below = d.cells[below].parent
	}
	for j := range o.sums {
		s := &o.sums[j]
		if s.s = min(s.s, max(d.cells[below].sums[j].rest, 0)); s.s <= 0 {
			s.restart(d.now)
		}
	}
	o.widenUntil = d.now + int64(d.params.WidenFor)
	o.crossed, o.poll = false, poll{}
	d.end(i)
	if o.lead().s < d.params.Suspect {
		o.state = Healthy
	}
}

// end tells that a cell is no longer suspected or confirmed.
func (d *Detector) end(i int32) {
	o := &d.cells[i]
	if o.told == Healthy {
		return
	}
	s := Signal{Kind: Cleared, Cell: o.Cell, S: o.lead().s, ChangePoint: fromNano(o.lead().since)}
	if o.told == Out {
		s.Cause, s.ChangePoint = o.cause, fromNano(o.change)
		o.clearedAt = d.now
	}
	o.told = Healthy
	d.tell(s)
}

// recover adds the block to the reversed statistic of a confirmed cell, and clears it if that suffices.
func (d *Detector) recover(at int32) {
	c := &d.cells[at]
	c.reverse += min(c.reverseBlock, d.params.ClipQuiet)
	c.reverseBlock = 0
	if c.reverse <= 0 {
		c.reverse, c.goodSince = 0, d.now
	}
	if c.reverse >= d.params.Recover && d.now-c.goodSince >= c.hold {
		d.clear(at)
		return
	}
	d.pollAgain(at)
}

// clear ends an outage. Messages that were submitted until now stay without effect.
func (d *Detector) clear(at int32) {
	c := &d.cells[at]
	c.state, c.changed, c.frozenUntil, c.ignoreBefore = Healthy, d.now, d.now, d.now
	d.end(at)
	for j := range c.sums {
		c.sums[j].restart(d.now)
	}
}
