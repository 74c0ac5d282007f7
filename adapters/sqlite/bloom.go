package sqlite

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/clickbook/clickbook/domain"
)

// bloom is a Bloom filter of 1 MiB over the names of all streams. It recognises most streams that do not exist
// without reading the file. It is wrong about one absent stream in a hundred thousand if there are 100,000 streams,
// and about one in forty at a million. A log that begins empty has one. For others, every stream would have to be
// read first.
//
// Most commands of an import or a simulation begin a stream, and searching the file for an absent stream is slowest.
type bloom struct {
	seed maphash.Seed
	bits [1 << 17]atomic.Uint64
}

func newBloom() *bloom { return &bloom{seed: maphash.MakeSeed()} }

// add must be called before the stream becomes visible.
func (s *bloom) add(stream domain.Stream) {
	if s == nil {
		return
	}
	for word, bit := range s.places(stream) {
		s.bits[word].Or(bit)
	}
}

// lacks reports whether the stream certainly had no event at the time of the call.
func (s *bloom) lacks(stream domain.Stream) bool {
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

// places yields four of the 2^23 bits, derived from the halves of one hash (Kirsch and Mitzenmacher).
func (s *bloom) places(stream domain.Stream) func(yield func(word int, bit uint64) bool) {
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
