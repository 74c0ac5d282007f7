package kurrentdb

import (
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// maxUnknown is how many streams may have an append of unknown outcome before the older ones are settled at once.
const maxUnknown = 1000

// horizon is how far along the log this store has seen: what it appended, read or was handed. An append that is
// answered a place beyond it was written just now. One that is answered a place before it stood there already, and
// must be read to know whether it is the same. The node's word is not enough in two more cases, which flights know:
// when another append to the stream is under way, and when it is not known what became of an earlier one.
type horizon struct {
	mu   sync.Mutex
	seen domain.Position

	streams map[domain.Stream]*flight
	unknown int
	turn    int // counts unknown outcomes, for their age
	trusted bool
	doubted bool
}

// flight is what is under way, or not known, of one stream.
type flight struct {
	appends int
	crowded bool // more than one at a time
	unknown int  // the turn of the last unknown outcome, 0 for none
}

func (h *horizon) reach(position domain.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen.Before(position) {
		h.seen = position
	}
}

// recede is for a log that was cut off behind a position.
func (h *horizon) recede(position domain.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if position.Before(h.seen) {
		h.seen = position
	}
}

// board begins an append and says how far was seen before it.
func (h *horizon) board(stream domain.Stream) (*flight, domain.Position) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.streams[stream]
	if f == nil {
		f = &flight{}
		h.streams[stream] = f
	}
	f.appends++
	f.crowded = f.crowded || f.appends > 1
	return f, h.seen
}

// land ends an append. Its outcome is known unless it says otherwise; a place that was found makes those before known
// too, for they can be written no more.
func (h *horizon) land(stream domain.Stream, f *flight, unknown, stands bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case unknown:
		if f.unknown == 0 {
			h.unknown++
		}
		h.turn++
		f.unknown = h.turn
	case stands && f.unknown != 0:
		h.unknown--
		f.unknown = 0
	}
	if f.appends--; f.appends == 0 {
		f.crowded = false
		if f.unknown == 0 {
			delete(h.streams, stream)
		}
	}
}

// alone says whether the node's word is enough for an append of this flight that it answered a place for.
func (h *horizon) alone(f *flight) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !f.crowded && f.unknown == 0
}

// crammed says whether there are too many unknown outcomes to remember.
func (h *horizon) crammed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unknown > maxUnknown
}

// forget drops the older half of the unknown outcomes: the head was read since, so what became of them is within the
// horizon.
func (h *horizon) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for stream, f := range h.streams {
		if f.unknown != 0 && f.unknown <= h.turn-maxUnknown/2 {
			h.unknown--
			if f.unknown = 0; f.appends == 0 {
				delete(h.streams, stream)
			}
		}
	}
}

// trust compares the place a node answered to an append of several events with where its last event stands. Until
// that was seen once, and for ever where it differs, the place is read.
func (h *horizon) trust(same bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trusted, h.doubted = h.trusted || same, h.doubted || !same
}

func (h *horizon) trusts() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.trusted && !h.doubted
}
