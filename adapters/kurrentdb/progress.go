package kurrentdb

import (
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// maxUnknown is how many streams may have an append of unknown outcome before the older ones are dropped.
const maxUnknown = 1000

// progress keeps what Append needs to decide whether the node's reply to an append is enough.
//
// The node recognises a repeated append by its event ids, and replies as if it had just written the events. But it
// also accepts part of an earlier append, which for us is a conflict. A reply with a position after every position
// this store has seen belongs to events that were written just now. A reply with an earlier position belongs to
// events that existed before, so Append must read and compare them. The same is true when another append to the
// stream is running, or when the outcome of an earlier one is unknown, because the store may not have seen what those
// wrote.
type progress struct {
	mu   sync.Mutex
	seen domain.Position // the last position this store has appended, read or received

	streams  map[domain.Stream]*pendingAppends
	unknown  int // streams with an append of unknown outcome
	sequence int // numbers the unknown outcomes by age

	positionsMatched, positionsDiffered bool // see checkedPosition
}

// pendingAppends counts the appends to one stream that are running or whose outcome is unknown.
type pendingAppends struct {
	running    int
	concurrent bool // more than one ran at the same time
	unknown    int  // the sequence number of the last unknown outcome, 0 for none
}

// appendOutcome is how an append ended.
type appendOutcome int

const (
	outcomeNotWritten appendOutcome = iota
	outcomeWritten
	outcomeUnknown
)

func newProgress() progress { return progress{streams: map[domain.Stream]*pendingAppends{}} }

// advance notes a position that exists.
func (p *progress) advance(position domain.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen.Before(position) {
		p.seen = position
	}
}

// truncate notes that the log now ends at a position.
func (p *progress) truncate(position domain.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if position.Before(p.seen) {
		p.seen = position
	}
}

// begin starts an append. It returns the last position that was seen before it.
func (p *progress) begin(stream domain.Stream) (*pendingAppends, domain.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	pending := p.streams[stream]
	if pending == nil {
		pending = &pendingAppends{}
		p.streams[stream] = pending
	}
	pending.running++
	pending.concurrent = pending.concurrent || pending.running > 1
	return pending, p.seen
}

// finish ends an append that begin started. A written append settles the unknown ones before it: the stream has moved
// past their expected revisions, so the node can no longer write them.
func (p *progress) finish(stream domain.Stream, pending *pendingAppends, outcome appendOutcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case outcome == outcomeUnknown:
		if pending.unknown == 0 {
			p.unknown++
		}
		p.sequence++
		pending.unknown = p.sequence
	case outcome == outcomeWritten && pending.unknown != 0:
		p.unknown--
		pending.unknown = 0
	}
	if pending.running--; pending.running == 0 {
		pending.concurrent = false
		if pending.unknown == 0 {
			delete(p.streams, stream)
		}
	}
}

// isOnly reports whether no other append to the stream is running or has an unknown outcome.
func (p *progress) isOnly(pending *pendingAppends) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !pending.concurrent && pending.unknown == 0
}

// full reports whether there are too many unknown outcomes to remember.
func (p *progress) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unknown > maxUnknown
}

// dropOldest drops the older half of the unknown outcomes. The caller must have read the head of the log since: then
// seen covers whatever those appends wrote.
func (p *progress) dropOldest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for stream, pending := range p.streams {
		if pending.unknown != 0 && pending.unknown <= p.sequence-maxUnknown/2 {
			p.unknown--
			if pending.unknown = 0; pending.running == 0 {
				delete(p.streams, stream)
			}
		}
	}
}

// checkedPosition notes whether the position in the reply to an append of several events was that of its last event.
// The protocol does not promise it.
func (p *progress) checkedPosition(same bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.positionsMatched, p.positionsDiffered = p.positionsMatched || same, p.positionsDiffered || !same
}

// trustsPositions reports whether the positions in replies can be used: they were right at least once, and never
// wrong.
func (p *progress) trustsPositions() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.positionsMatched && !p.positionsDiffered
}
