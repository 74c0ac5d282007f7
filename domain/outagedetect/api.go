package outagedetect

// api is the sequential test of a provider's submits (A. Wald, Sequential Tests of Statistical Hypotheses, 1945): are
// 0.2 % of them refused, or half?
type api struct {
	s       float64
	since   int64 // the first error of the run
	errors  int
	numbers distinct
	account distinct
	only    int32 // the country of all configuration errors since the provider was confirmed; none: several
	beyond  int   // submits accepted for other countries since
}

const narrowAfter = 3 // accepted submits elsewhere that show that a configuration error concerns one country

// accepted takes an accepted submit.
func (d *Detector) accepted(i int32, f Fact) {
	p := &d.providers[i]
	if p.api.s += d.params.SubmitOK; p.api.s <= 0 {
		p.api.s, p.api.errors = 0, 0
		p.api.numbers, p.api.account = distinct{}, distinct{}
	}
	d.narrow(p, f)
}

// narrow corrects the scope of a configuration error, if it turns out to concern only one country.
func (d *Detector) narrow(p *provider, f Fact) {
	whole := p.cells[0]
	if c := &d.cells[whole]; c.state != Out || c.cause != Configuration || p.api.only == none {
		return
	}
	if f.Country == "" || f.Country == d.cells[p.api.only].Country {
		return
	}
	if p.api.beyond++; p.api.beyond < narrowAfter {
		return
	}
	change := d.cells[whole].change
	d.clear(whole)
	d.confirm(p.api.only, Configuration, change, 0)
}

// reject takes a refused submit.
func (d *Detector) reject(f Fact) {
	chain := d.chain(f.Provider, f.Country, f.Network)
	i := d.cells[chain[0]].provider
	p := &d.providers[i]
	m, known := d.find(f)
	if known && m.outcome != open {
		d.counted.Duplicate++
		return
	}
	if known { // it was reported as submitted before the provider replied
		m.bin, m.outcome = max(uint8(binOf(d.now-m.submitted)), m.next), excluded
		d.weigh(m, stepUndo, int(m.bin))
		chain = m.chain
	}
	switch {
	case f.Class == ClassConfiguration:
		d.misconfigured(p, chain, f)
	case f.Class == ClassContent && f.Limited && chain[2] != none:
		d.trip(chain[2], Blocked)
	case f.Class.refusesAll():
		d.refused(p, f)
	case f.Class.counts():
		d.weigh(&flight{submitted: d.now, chain: chain, account: accountOf(f), number: numberOf(f)}, stepFailed, 0)
	}
	if out := d.explains(chain); out != nil && f.Class != ClassThrottle && f.Class != ClassNumber {
		out.reverseBlock -= d.params.SubmitError
	}
}

// explains returns the confirmed cell that contains the message, if there is one.
func (d *Detector) explains(chain [4]int32) *cell {
	for _, i := range chain {
		if i != none && d.cells[i].state == Out {
			return &d.cells[i]
		}
	}
	return nil
}

// misconfigured trips at once: the provider refuses our account, our sender or our address.
func (d *Detector) misconfigured(p *provider, chain [4]int32, f Fact) {
	whole := chain[0]
	if d.cells[whole].state == Out {
		if p.api.only != chain[2] {
			p.api.only = none
		}
		p.api.beyond = 0
		return
	}
	if d.explains(chain) != nil {
		return
	}
	if f.Limited && chain[2] != none {
		d.trip(chain[2], Configuration)
		return
	}
	p.api.only, p.api.beyond = chain[2], 0
	d.trip(whole, Configuration)
}

// trip confirms a cell without statistics, unless it is confirmed or inside a confirmed one.
func (d *Detector) trip(i int32, cause Cause) {
	for at := i; at != none; at = d.cells[at].parent {
		if d.cells[at].state == Out {
			return
		}
	}
	d.confirm(i, cause, d.now, 0)
}

// refused runs the test of the provider's API.
func (d *Detector) refused(p *provider, f Fact) {
	a := &p.api
	if a.s == 0 {
		a.since = d.now
	}
	a.s += d.params.SubmitError
	a.errors++
	a.numbers.add(numberOf(f))
	a.account.add(accountOf(f))
	if a.s < d.threshold(p) || a.numbers.count() < d.params.MinNumbers || d.cells[p.cells[0]].state == Out {
		return
	}
	s, since := a.s, a.since
	e := Evidence{
		Messages: a.errors, Failed: a.errors, Accounts: a.account.count(), Numbers: a.numbers.count(), FailureShare: 1,
	}
	p.api = api{only: none}
	d.confirmWith(p.cells[0], Blocked, since, s, e)
}
