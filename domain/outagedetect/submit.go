package outagedetect

// provider is the state of a provider beside that of its cells.
type provider struct {
	cells    []int32 // the first one is the whole provider; parents come before the cells inside
	dirty    bool
	active   bool  // something waits for the next block
	since    int64 // the first message
	messages float64
	hours    float64
	counted  int64 // when messages and hours faded last
	api      api
}

// chain returns the cells of a message, and makes those that are new.
func (d *Detector) chain(providerName, country, network string) [4]int32 {
	at := place{providerName, country, network}
	if known, ok := d.chains[at]; ok {
		return known
	}
	made := [4]int32{none, none, none, none}
	made[0] = d.cell(Cell{Provider: providerName}, none)
	if country != "" {
		made[1] = d.cell(Cell{Provider: providerName, Region: Region(country)}, made[0])
		made[2] = d.cell(Cell{Provider: providerName, Region: Region(country), Country: country}, made[1])
		if network != "" {
			made[3] = d.cell(CellOf(providerName, country, network), made[2])
		}
	}
	d.chains[at] = made
	return made
}

func (d *Detector) cell(at Cell, parent int32) int32 {
	if i, known := d.byCell[at]; known {
		return i
	}
	i := int32(len(d.cells))
	c := cell{Cell: at, parent: parent}
	if parent == none {
		c.provider = int32(len(d.providers))
		d.providers = append(d.providers, provider{since: d.now, counted: d.now})
		d.byName[at.Provider] = c.provider
	} else {
		c.provider = d.cells[parent].provider
	}
	c.faded = d.now
	for j := range c.sums {
		c.sums[j].since = d.now
	}
	d.cells = append(d.cells, c)
	d.byCell[at] = i
	p := &d.providers[c.provider]
	p.cells = append(p.cells, i)
	d.refresh(&d.cells[i])
	return i
}

func (d *Detector) submit(f Fact) {
	chain := d.chain(f.Provider, f.Country, f.Network)
	ref := reference{d.cells[chain[0]].provider, f.Message}
	if _, known := d.byRef[ref]; known {
		d.counted.Duplicate++
		return
	}
	slot := int32(len(d.flights))
	if n := len(d.free); n > 0 {
		slot = d.free[n-1]
		d.free = d.free[:n-1]
	} else {
		d.flights = append(d.flights, flight{})
	}
	d.flights[slot] = flight{
		id: f.Message, submitted: d.now, chain: chain,
		account: accountOf(f), number: numberOf(f),
	}
	d.byRef[ref] = slot
	d.queues[0].push(slot)
	for _, i := range chain {
		if i != none {
			d.cells[i].count()
		}
	}
	d.providers[ref.provider].messages++
	d.accepted(ref.provider, f)
}

// count counts a submitted message in the evidence.
func (c *cell) count() {
	for j := range c.sums {
		c.sums[j].messages++
	}
}

// accountOf returns the hash of the account. Messages without one are taken for messages of different accounts.
func accountOf(f Fact) uint32 {
	if f.Account == "" {
		return numberOf(f)
	}
	return hash(f.Account)
}

func numberOf(f Fact) uint32 {
	if f.To == "" {
		return hash(f.Message)
	}
	return hash(f.To)
}

// find returns the message of a fact.
func (d *Detector) find(f Fact) (*flight, bool) {
	i, known := d.byName[f.Provider]
	if !known {
		return nil, false
	}
	slot, known := d.byRef[reference{i, f.Message}]
	if !known {
		return nil, false
	}
	return &d.flights[slot], true
}

// final takes the first final of a message.
func (d *Detector) final(f Fact) {
	m, known := d.find(f)
	if !known {
		d.counted.Unknown++
		return
	}
	if m.outcome != open {
		d.counted.Duplicate++
		return
	}
	m.bin = uint8(binOf(d.now - m.submitted))
	if int(m.bin) < int(m.next) { // it passed this age in the same moment
		m.bin = m.next
	}
	what := stepDelivered
	switch {
	case f.Kind == Delivered:
		m.outcome = delivered
	case f.Class.counts():
		m.outcome, what = failed, stepFailed
	default:
		m.outcome, what = excluded, stepUndo
	}
	if f.Network != "" && m.chain[3] == none && m.chain[2] != none {
		d.place(m, f.Network)
	}
	d.weigh(m, what, int(m.bin))
}

// place adds the network that the receipt told. The silence before counts there too, so that the sum is right.
func (d *Detector) place(m *flight, network string) {
	country := d.cells[m.chain[2]].Cell
	m.chain[3] = d.chain(country.Provider, country.Country, network)[3]
	c := &d.cells[m.chain[3]]
	c.count()
	for _, i := range m.chain {
		if d.cells[i].ignoreBefore >= m.submitted || d.cells[i].state == Out {
			return
		}
	}
	for j := range c.sums {
		c.sums[j].quiet -= c.tables[j].nats(&d.params, stepUndo, int(m.bin), j)
	}
}
