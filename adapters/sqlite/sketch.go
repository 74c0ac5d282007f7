package sqlite

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/clickbook/clickbook/domain"
)

// sketch says of most streams that do not exist that they do not, without a look into the file: a Bloom filter of
// 1 MiB, which errs for one absent stream in a hundred thousand while there are 100,000 streams, and for one in
// forty at a million. A log that begins empty has one; others would have to be read through first.
//
// Most commands of an import or a simulation begin a stream, and looking for what is not there costs the most.
type sketch struct {
	seed maphash.Seed
	bits [1 << 17]atomic.Uint64
}

func newSketch() *sketch { return &sketch{seed: maphash.MakeSeed()} }

// add must come before the stream can be seen.
func (s *sketch) add(stream domain.Stream) {
	if s == nil {
		return
	}
	for word, bit := range s.places(stream) {
		s.bits[word].Or(bit)
	}
}

// lacks is sure: the stream had no event when it was asked.
func (s *sketch) lacks(stream domain.Stream) bool {
	if s == nil {
		return false
	}
	for word, bit := range s.places(stream) {
		if s.bits[word].Load()&bit == 0 {
			return true
		}
	}
	return false
}

// places are four bits of 2^23, made from the halves of one hash (Kirsch and Mitzenmacher).
func (s *sketch) places(stream domain.Stream) func(yield func(word int, bit uint64) bool) {
	hash := maphash.String(s.seed, string(stream))
	step := hash>>32 | 1
	return func(yield func(int, uint64) bool) {
		for range 4 {
			place := hash % (uint64(len(s.bits)) * 64)
			if !yield(int(place/64), 1<<(place%64)) {
				return
			}
			hash += step
		}
	}
}
