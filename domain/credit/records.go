package credit

import (
	"encoding/binary"
	"iter"
	"strings"
)

// records is an immutable map from the ids of messages to their packed records. Setting one returns a new map that
// shares all but the path to its page. The books of an account hold every message it ever paid for, because each can
// be refunded, and a million of them must fit in memory: so records lie packed side by side, about forty bytes each.
// The shape depends only on the ids, not on the order of insertion, so equal maps are equal values.
type records struct {
	root page
	size int
	room int // bytes of all packed records
}

// page holds up to pageRecords packed records in the order of their keys. When there are more, it is divided into
// four parts, of which two bits of the hash of a key choose one.
type page struct {
	packed string
	parts  *[4]page
}

const (
	pageRecords = 32
	bitsPerPart = 2
	maxDepth    = 64 / bitsPerPart // pages down there are not divided: all their keys have the same hash
)

// hashOf returns a hash of a key, FNV-1a with its halves mixed.
func hashOf(key string) uint64 {
	hash := uint64(14695981039346656037)
	for i := range len(key) {
		hash = (hash ^ uint64(key[i])) * 1099511628211
	}
	return hash ^ hash>>32
}

func partOf(hash uint64, depth int) uint64 {
	return hash >> (depth * bitsPerPart) & (1<<bitsPerPart - 1)
}

// get returns the record of a message.
func (r records) get(message string) (value string, ok bool) {
	key := keyOf(message)
	p, hash := r.root, hashOf(key)
	for depth := 0; p.parts != nil; depth++ {
		p = p.parts[partOf(hash, depth)]
	}
	at := find(p.packed, key)
	return at.value, at.ok
}

// with returns the map with another record of a message.
func (r records) with(message string, value []byte) records {
	key := keyOf(message)
	entry := make([]byte, 0, len(key)+binary.MaxVarintLen32+len(value))
	entry = append(binary.AppendUvarint(append(entry, key...), uint64(len(value))), value...)
	root, added, grown := r.root.with(key, hashOf(key), entry, 0)
	return records{root: root, size: r.size + added, room: r.room + grown}
}

func (p page) with(key string, hash uint64, entry []byte, depth int) (changed page, added, grown int) {
	if p.parts != nil {
		parts := *p.parts
		n := partOf(hash, depth)
		parts[n], added, grown = parts[n].with(key, hash, entry, depth+1)
		return page{parts: &parts}, added, grown
	}
	at := find(p.packed, key)
	if !at.ok {
		added = 1
	}
	grown = len(entry) - (at.end - at.start)
	var packed strings.Builder
	packed.Grow(len(p.packed) + grown)
	packed.WriteString(p.packed[:at.start])
	packed.Write(entry)
	packed.WriteString(p.packed[at.end:])
	return pageOf(packed.String(), at.count+added, depth), added, grown
}

// pageOf returns the page of a number of packed records, divided if they are too many.
func pageOf(packed string, count, depth int) page {
	if count <= pageRecords || depth >= maxDepth {
		return page{packed: packed}
	}
	var counts [4]int
	var into [4]strings.Builder
	for left := (cursor{left: packed}); left.left != ""; {
		entry, key, _ := left.entry()
		n := partOf(hashOf(key), depth)
		counts[n]++
		into[n].WriteString(entry)
	}
	parts := new([4]page)
	for i := range parts {
		parts[i] = pageOf(strings.Clone(into[i].String()), counts[i], depth+1)
	}
	return page{parts: parts}
}

// spot is where a record is in a page, or the empty place where it belongs.
type spot struct {
	start, end int
	value      string
	ok         bool
	count      int // of all records of the page
}

func find(packed, key string) (at spot) {
	left := cursor{left: packed}
	for left.left != "" {
		start := len(packed) - len(left.left)
		_, one, value := left.entry()
		end := len(packed) - len(left.left)
		at.count++
		switch {
		case one < key:
			at.start, at.end = end, end
		case one == key:
			at.start, at.end, at.value, at.ok = start, end, value, true
		}
	}
	return at
}

// all iterates over the map in an order that depends only on its keys.
func (r records) all() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) { r.root.all(yield) }
}

func (p page) all(yield func(message, value string) bool) bool {
	if p.parts != nil {
		for _, one := range p.parts {
			if !one.all(yield) {
				return false
			}
		}
		return true
	}
	for left := (cursor{left: p.packed}); left.left != ""; {
		_, key, value := left.entry()
		if !yield(messageOf(key), value) {
			return false
		}
	}
	return true
}

// appendTo appends the stored form of the pages: for a page 0, its length and its records, for a divided one 1 and its
// parts.
func (p page) appendTo(to []byte) []byte {
	if p.parts == nil {
		return append(binary.AppendUvarint(append(to, 0), uint64(len(p.packed))), p.packed...)
	}
	to = append(to, 1)
	for _, one := range p.parts {
		to = one.appendTo(to)
	}
	return to
}

// page reads what appendTo wrote. It counts the records.
func (c *cursor) page(depth int, into *records) (p page) {
	if c.uvarint() == 0 {
		p.packed = strings.Clone(c.take(c.uvarint())) // a part of the snapshot would keep all of it in memory
		into.room += len(p.packed)
		for left := (cursor{left: p.packed}); left.left != "" && !c.bad; into.size++ {
			left.entry()
			c.bad = c.bad || left.bad
		}
		return p
	}
	if c.bad = c.bad || depth >= maxDepth; c.bad {
		return p
	}
	p.parts = new([4]page)
	for i := range p.parts {
		p.parts[i] = c.page(depth+1, into)
	}
	return p
}
