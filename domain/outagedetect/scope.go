package outagedetect

// busy reports whether the end of the block matters.
func (d *Detector) busy() bool {
	for i := range d.providers {
		if d.providers[i].dirty || d.providers[i].active {
			return true
		}
	}
	return false
}

// closeBlock ends the block at the clock.
func (d *Detector) closeBlock() {
	for i := range d.providers {
		p := &d.providers[i]
		if !p.dirty && !p.active {
			continue
		}
		p.dirty, p.active = false, false
		d.sum(p)
		h := d.threshold(p)
		for _, at := range p.cells {
			d.rate(p, at, h)
		}
		d.decide(p)
		for _, at := range p.cells {
			if c := &d.cells[at]; c.state == Out {
				p.active = true
				d.recover(at)
			}
		}
	}
}

// sum adds the block to the statistics of all cells of a provider.
func (d *Detector) sum(p *provider) {
	start := d.now - int64(blockLength)
	for _, at := range p.cells {
		c := &d.cells[at]
		if c.parent == none || !d.cells[c.parent].dirty {
			continue
		}
		for j := range c.sums {
			c.sums[j].closeRest(&d.params, &d.cells[c.parent].sums[j])
		}
	}
	for _, at := range p.cells {
		c := &d.cells[at]
		if !c.dirty {
			continue
		}
		c.dirty = false
		for j := range c.sums {
			c.sums[j].close(&d.params, start, d.now)
		}
	}
}

// rate moves a cell between healthy and suspicious, and notes when it passes its threshold.
func (d *Detector) rate(p *provider, at int32, threshold float64) {
	c := &d.cells[at]
	if c.state == Out {
		return
	}
	s := c.lead().s
	if d.now < c.widenUntil {
		threshold = min(threshold, d.params.Widen)
	}
	switch {
	case s >= d.params.Suspect && c.state == Healthy:
		c.state, c.changed = Suspicious, d.now
		d.suspect(at)
	case s < d.params.Calm && c.state == Suspicious:
		d.calm(at)
	}
	c.crossed = s >= threshold
	if c.crossed || c.poll.asked != 0 {
		p.active = true
	}
}

// suspect tells the suspicion, unless one in a larger or smaller cell has been told.
func (d *Detector) suspect(at int32) {
	c := &d.cells[at]
	if c.lead().failureShare() < d.params.FailureShare {
		d.askPolls(at)
	}
	for _, other := range d.providers[c.provider].cells {
		o := &d.cells[other]
		if o.told != Healthy && (o.Contains(c.Cell) || c.Contains(o.Cell)) {
			return
		}
	}
	c.told = Suspicious
	s := c.lead()
	d.tell(Signal{
		Kind: Suspected, Cell: c.Cell, ChangePoint: fromNano(s.since), S: s.s, Evidence: c.evidence(),
	})
}

// calm ends a suspicion.
func (d *Detector) calm(at int32) {
	c := &d.cells[at]
	s := c.lead()
	c.state, c.changed, c.frozenUntil, c.poll, c.crossed = Healthy, d.now, d.now, poll{}, false
	if c.told == Suspicious {
		c.told = Healthy
		d.tell(Signal{Kind: Cleared, Cell: c.Cell, ChangePoint: fromNano(s.since), S: s.s, Evidence: c.evidence()})
	}
}

// decide confirms the outage of the smallest cell that explains why a cell passed its threshold.
func (d *Detector) decide(p *provider) {
	at := d.highest(p)
	if at == none {
		return
	}
	at = d.widen(d.descend(at))
	c := &d.cells[at]
	s := c.lead()
	e := c.evidence()
	diverse := e.Accounts >= d.params.MinAccounts && e.Numbers >= d.params.MinNumbers && s.others() >= d.params.Others
	if !diverse {
		return // so far it is one account's problem
	}
	cause, known := d.causeOf(at)
	if !known {
		return
	}
	d.confirmWith(at, cause, s.since, s.s, e)
}

// highest returns the cell with the most nats of those that passed their thresholds.
func (d *Detector) highest(p *provider) int32 {
	best := int32(none)
	for _, at := range p.cells {
		c := &d.cells[at]
		if c.crossed && c.state != Out && (best == none || c.lead().s > d.cells[best].lead().s) {
			best = at
		}
	}
	return best
}

// descend returns the smallest cell inside that holds the outage alone: without it, the rest shows none.
func (d *Detector) descend(at int32) int32 {
	best := at
	for _, i := range d.providers[d.cells[at].provider].cells {
		c := &d.cells[i]
		if c.parent == best && c.state != Out && c.lead().s >= d.params.Suspect && c.leadRest() < d.params.Remainder {
			best = i // the cells inside come later in the list
		}
	}
	return best
}

// widen returns the largest cell that the outage fills: a parent whose rest shows the outage too.
func (d *Detector) widen(at int32) int32 {
	for i := at; d.cells[i].parent != none; i = d.cells[i].parent {
		c := &d.cells[i]
		parent := &d.cells[c.parent]
		if parent.state == Out {
			break
		}
		if c.leadRest() >= d.params.Remainder && parent.lead().s >= d.params.Suspect {
			at = c.parent
		}
	}
	return at
}

func (d *Detector) tell(s Signal) {
	s.At = fromNano(d.now)
	d.signals = append(d.signals, s)
}
