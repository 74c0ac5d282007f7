package outagedetect

import (
	"math"
	"time"
)

// Detector is the state that the facts so far add up to. It is not safe for concurrent use.
type Detector struct {
	params    Params
	now       int64 // the clock: the latest time of a fact or of Advance
	block     int64 // the end of the current block
	providers []provider
	byName    map[string]int32
	cells     []cell
	byCell    map[Cell]int32
	chains    map[place][4]int32

	flights []flight
	free    []int32
	byRef   map[reference]int32
	queues  [steps + 1]queue // the last one ends at Retain
	signals []Signal
	polls   []Poll
	counted Counted
}

type place struct{ provider, country, network string }

type reference struct {
	provider int32
	message  string
}

// Counted counts facts without effect.
type Counted struct {
	Unknown   int // a receipt or poll of a message that is unknown or forgotten
	Duplicate int // a second submit or final of a message
	Late      int // a fact older than the clock; it had its effect at the clock
}

// New returns a detector that has seen nothing.
func New(params Params) *Detector {
	d := &Detector{
		params: params, byName: make(map[string]int32), byCell: make(map[Cell]int32),
		chains: make(map[place][4]int32), byRef: make(map[reference]int32),
	}
	for k, age := range ages {
		d.queues[k].age = int64(age)
	}
	d.queues[steps].age = max(int64(params.Retain), int64(ages[steps-1]))
	return d
}

// Counted returns how many facts had no effect.
func (d *Detector) Counted() Counted { return d.counted }

// Now returns the clock.
func (d *Detector) Now() time.Time { return fromNano(d.now) }

// Polls returns the messages whose status should be polled now, and forgets them.
func (d *Detector) Polls() []Poll {
	polls := d.polls
	d.polls = nil
	return polls
}

// Observe takes a fact, advances the clock to its time, and returns what changed. A fact older than the clock has its
// effect at the clock.
func (d *Detector) Observe(f Fact) []Signal {
	at := f.At.UnixNano()
	if at < d.now {
		d.counted.Late++
	}
	d.advance(at)
	switch f.Kind {
	case Submitted:
		d.submit(f)
	case Delivered, Failed:
		d.final(f)
	case Rejected:
		d.reject(f)
	case PolledDelivered, PolledOpen:
		d.polled(f)
	}
	return d.take()
}

// Advance moves the clock, so that silence counts, and returns what changed.
func (d *Detector) Advance(to time.Time) []Signal {
	d.advance(to.UnixNano())
	return d.take()
}

func (d *Detector) take() []Signal {
	signals := d.signals
	d.signals = nil
	return signals
}

// advance weighs silence and closes blocks in the order of time, so that it makes no difference in how many steps the
// clock moves.
func (d *Detector) advance(to int64) {
	if to <= d.now {
		return
	}
	if d.block == 0 {
		d.block = to - to%int64(blockLength) + int64(blockLength)
	}
	for {
		k, due := d.nextAge()
		switch {
		case d.block <= min(to, due) && d.busy():
			d.now = d.block
			d.closeBlock()
			d.block += int64(blockLength)
		case due <= to:
			if due >= d.block { // nothing happened in the blocks before
				d.block = due - due%int64(blockLength) + int64(blockLength)
			}
			d.now = max(d.now, due)
			d.pass(k)
		default:
			if to >= d.block {
				d.block = to - to%int64(blockLength) + int64(blockLength)
			}
			d.now = to
			return
		}
	}
}

// nextAge returns the queue with the message that reaches its age first, and when that is.
func (d *Detector) nextAge() (index int, due int64) {
	due = math.MaxInt64
	for k := range d.queues {
		q := &d.queues[k]
		if q.empty() {
			continue
		}
		if at := d.flights[q.peek()].submitted + q.age; at < due {
			index, due = k, at
		}
	}
	return index, due
}

// pass lets the first message of a queue reach its age.
func (d *Detector) pass(k int) {
	slot := d.queues[k].pop()
	f := &d.flights[slot]
	if k == steps {
		d.forget(slot)
		return
	}
	f.next = uint8(k + 1)
	if f.outcome == open {
		d.weigh(f, stepQuiet, k)
	}
	switch {
	case k < steps-1:
		d.queues[k+1].push(slot)
	case f.outcome == open:
		d.learn(f)
		d.queues[steps].push(slot)
	default:
		d.learn(f)
		d.forget(slot)
	}
}

func (d *Detector) forget(slot int32) {
	f := &d.flights[slot]
	delete(d.byRef, reference{d.cells[f.chain[0]].provider, f.id})
	*f = flight{}
	d.free = append(d.free, slot)
}
