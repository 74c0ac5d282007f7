package outagedetect

// askPolls chooses the messages of a silent cell whose status should be polled: the latest that are old enough.
func (d *Detector) askPolls(at int32) {
	c := &d.cells[at]
	since := c.lead().since
	c.poll = poll{asked: d.now}
	wanted := d.params.Polls
	for k := overdue + 1; k < steps && wanted > 0; k++ { // messages older than a minute, the latest first
		q := &d.queues[k]
		for i := len(q.slots) - 1; i >= q.head && wanted > 0; i-- {
			f := &d.flights[q.slots[i]]
			if f.outcome != open || f.submitted < since-int64(ages[overdue]) || f.chain[c.level()] != at {
				continue
			}
			d.polls = append(d.polls, Poll{Provider: c.Provider, Message: f.id, Cell: c.Cell})
			wanted--
		}
	}
}

// polled takes the status of a polled message.
func (d *Detector) polled(f Fact) {
	m, known := d.find(f)
	if !known {
		d.counted.Unknown++
		return
	}
	for _, i := range m.chain {
		if i == none || d.cells[i].poll.asked == 0 {
			continue
		}
		if p := &d.cells[i].poll; f.Kind == PolledDelivered {
			p.delivered++
		} else {
			p.open++
		}
	}
}

// causeOf returns why the messages of a cell do not arrive, once that is known.
func (d *Detector) causeOf(at int32) (Cause, bool) {
	c := &d.cells[at]
	if c.lead().failureShare() >= d.params.FailureShare {
		return Blocked, true
	}
	if c.poll.asked == 0 {
		d.askPolls(at)
		return "", false
	}
	delivered, answers := int(c.poll.delivered), int(c.poll.delivered)+int(c.poll.open)
	switch {
	case delivered >= d.params.PollDelivered:
		return ReceiptsOnly, true
	case answers >= d.params.Polls, d.now-c.poll.asked >= int64(d.params.PollWait):
		return Silent, true
	}
	return "", false
}

// pollAgain asks from time to time whether messages still arrive in a cell that only lacks receipts. If they do not,
// the outage becomes a silent one.
func (d *Detector) pollAgain(at int32) {
	c := &d.cells[at]
	if c.cause != ReceiptsOnly || c.poll.asked != 0 && d.now-c.poll.asked < int64(d.params.PollAgain) {
		return
	}
	delivered, answers := int(c.poll.delivered), int(c.poll.delivered)+int(c.poll.open)
	if answers >= d.params.Polls && delivered < d.params.PollDelivered {
		c.cause, c.change = Silent, c.poll.asked
		d.tell(Signal{Kind: Confirmed, Cell: c.Cell, ChangePoint: fromNano(c.change), Cause: Silent})
		return
	}
	d.askPolls(at)
}
