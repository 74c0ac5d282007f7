package credit

import (
	"iter"
	"math/bits"
)

// trie is an immutable map. Setting a value returns a new map that shares all but the path to the new leaf. The state
// of an account holds every message it ever paid for, and each event must leave the earlier state untouched, so
// copying a map for each event would make folding a month quadratic. The shape depends only on the keys, not on the
// order of insertion, so equal maps are equal values.
type trie[V any] struct {
	root *branch[V]
	size int
}

// branch has one slot for each bit that is set. Five bits of the hash of a key choose the bit.
type branch[V any] struct {
	bitmap uint32
	slots  []slot[V]
}

// slot holds either a leaf or a deeper branch.
type slot[V any] struct {
	leaf   *leaf[V]
	branch *branch[V]
}

type leaf[V any] struct {
	key   string
	value V
}

const (
	bitsPerLevel  = 5
	levelsPerHash = 64 / bitsPerLevel
)

// digit returns which of 32 slots the key takes at a depth. When a hash is used up, another one continues, so keys
// with equal hashes separate deeper down.
func digit(key string, depth int) uint32 {
	const prime = 1099511628211 // FNV-1a
	hash := uint64(14695981039346656037)
	for round := depth / levelsPerHash; round > 0; round-- {
		hash = (hash ^ uint64(round)) * prime
	}
	for i := range len(key) {
		hash = (hash ^ uint64(key[i])) * prime
	}
	hash ^= hash >> 32
	return uint32(hash>>(depth%levelsPerHash*bitsPerLevel)) & (1<<bitsPerLevel - 1)
}

func (b *branch[V]) find(d uint32) (index int, there bool) {
	return bits.OnesCount32(b.bitmap & (1<<d - 1)), b.bitmap&(1<<d) != 0
}

func (t trie[V]) get(key string) (value V, ok bool) {
	for b, depth := t.root, 0; b != nil; depth++ {
		i, there := b.find(digit(key, depth))
		if !there {
			return value, false
		}
		if found := b.slots[i].leaf; found != nil {
			if found.key == key {
				return found.value, true
			}
			return value, false
		}
		b = b.slots[i].branch
	}
	return value, false
}

func (t trie[V]) with(key string, value V) trie[V] {
	root, added := t.root.with(&leaf[V]{key, value}, 0)
	if added {
		t.size++
	}
	t.root = root
	return t
}

func (b *branch[V]) with(l *leaf[V], depth int) (grown *branch[V], added bool) {
	d := digit(l.key, depth)
	if b == nil {
		return &branch[V]{1 << d, []slot[V]{{leaf: l}}}, true
	}
	i, there := b.find(d)
	if !there {
		slots := make([]slot[V], 0, len(b.slots)+1)
		slots = append(append(append(slots, b.slots[:i]...), slot[V]{leaf: l}), b.slots[i:]...)
		return &branch[V]{b.bitmap | 1<<d, slots}, true
	}
	grown = &branch[V]{b.bitmap, append([]slot[V](nil), b.slots...)}
	switch old := b.slots[i]; {
	case old.leaf == nil:
		grown.slots[i].branch, added = old.branch.with(l, depth+1)
	case old.leaf.key == l.key:
		grown.slots[i].leaf = l
	default:
		var deeper *branch[V]
		deeper, _ = deeper.with(old.leaf, depth+1)
		deeper, _ = deeper.with(l, depth+1)
		grown.slots[i], added = slot[V]{branch: deeper}, true
	}
	return grown, added
}

// all iterates over the map in an order that depends only on its keys.
func (t trie[V]) all() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { t.root.all(yield) }
}

func (b *branch[V]) all(yield func(string, V) bool) bool {
	if b == nil {
		return true
	}
	for _, s := range b.slots {
		if s.leaf != nil && !yield(s.leaf.key, s.leaf.value) || !s.branch.all(yield) {
			return false
		}
	}
	return true
}
