// Package bloom recognises most names that a file does not hold without reading the file. Most requests and most
// commands begin something new, and a search for what is absent is the slowest search of all.
package bloom

import (
	"hash/maphash"
	"sync/atomic"
)

// A filter has 16 bits for each name it has room for, and sets four of them: it is wrong about one absent name in four
// hundred when it is full.
const (
	bitsEach = 16
	leastFor = 1 << 16 // names; takes 128 KiB
	mostFor  = 1 << 26 // names; takes 128 MiB
)

// enoughMisses is how many searches for absent names justify reading all names.
const enoughMisses = 64

// Filter is a Bloom filter over the names in a file. The zero Filter knows nothing until it is filled. It is safe for
// concurrent use.
type Filter struct {
	current atomic.Pointer[bits] // complete
	next    atomic.Pointer[bits] // being filled
	misses  atomic.Int64         // while nothing is complete
	claimed atomic.Bool          // by a caller of Missed who fills the filter
}

// Missed counts a search of the file for a name that it does not hold. It reports whether the caller must fill the
// filter now: after many misses, or when the filter has more names than it has room for. No other call reports true
// until the filter is filled or Skip is called: names that come while two fill it would be missing in one.
func (f *Filter) Missed() bool {
	if current := f.current.Load(); current != nil {
		return current.isFull() && f.claimed.CompareAndSwap(false, true)
	}
	if f.misses.Add(1) < enoughMisses || !f.claimed.CompareAndSwap(false, true) {
		return false
	}
	f.misses.Store(0)
	return true
}

// Skip is called instead of Fill after Missed has reported true.
func (f *Filter) Skip() { f.claimed.Store(false) }

// Fill replaces the filter by one with room for twice the expected names. Call it after Missed has reported true, or
// before the first name, and while no name is between Add and the file. It returns functions to add what the file holds
// now, and to put the filter in force, or to give up.
func (f *Filter) Fill(expected int) (add func(name string), done func(complete bool)) {
	b := newBits(min(max(2*expected, leastFor), mostFor))
	f.next.Store(b)
	return b.add, func(complete bool) {
		if complete {
			f.current.Store(b)
		}
		f.next.Store(nil)
		f.claimed.Store(false)
	}
}

// Add adds a name. Call it before the file holds the name.
func (f *Filter) Add(name string) {
	next := f.next.Load() // before current, which next becomes
	if current := f.current.Load(); current != nil {
		current.add(name)
	}
	if next != nil {
		next.add(name)
	}
}

// Lacks reports whether the file certainly held no such name at the time of the call.
func (f *Filter) Lacks(name string) bool {
	current := f.current.Load()
	return current != nil && !current.has(name)
}

type bits struct {
	seed  maphash.Seed
	room  int
	names atomic.Int64
	words []atomic.Uint64
}

func newBits(room int) *bits {
	return &bits{seed: maphash.MakeSeed(), room: room, words: make([]atomic.Uint64, room*bitsEach/64)}
}

// isFull reports whether there are more names than there is room for. Names that were added twice count twice.
func (b *bits) isFull() bool { return b.room < mostFor && b.names.Load() > int64(b.room) }

func (b *bits) add(name string) {
	b.names.Add(1)
	for word, bit := range b.places(name) {
		b.words[word].Or(bit)
	}
}

func (b *bits) has(name string) bool {
	for word, bit := range b.places(name) {
		if b.words[word].Load()&bit == 0 {
			return false
		}
	}
	return true
}

// places yields four bits, derived from the halves of one hash (Kirsch and Mitzenmacher).
func (b *bits) places(name string) func(yield func(word int, bit uint64) bool) {
	hash := maphash.String(b.seed, name)
	step := hash>>32 | 1
	return func(yield func(int, uint64) bool) {
		for range 4 {
			place := hash % (uint64(len(b.words)) * 64)
			if !yield(int(place/64), 1<<(place%64)) {
				return
			}
			hash += step
		}
	}
}
