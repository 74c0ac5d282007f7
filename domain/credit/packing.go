package credit

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// keyOf packs the id of a message: its 16 bytes after 0 if it is a UUID in the usual form, else its text after its
// length plus one, because auditors replay books with their own ids.
func keyOf(message string) string {
	if len(message) == 36 {
		if id, err := uuid.Parse(message); err == nil && id.String() == message {
			return "\x00" + string(id[:])
		}
	}
	return string(binary.AppendUvarint(nil, uint64(len(message))+1)) + message
}

// messageOf returns the id that keyOf packed.
func messageOf(key string) string {
	c := cursor{left: key}
	if length := c.uvarint(); length > 0 {
		return c.left
	}
	return uuid.UUID([]byte(c.left)).String()
}

// cursor reads packed values. After a malformed one it is bad, and empty.
type cursor struct {
	left string
	bad  bool
}

// entry reads one packed record: its key, the length of its value and its value.
func (c *cursor) entry() (all, key, value string) {
	from := c.left
	length := c.uvarint()
	if length == 0 {
		length = 16 + 1
	}
	c.take(length - 1)
	key = from[:len(from)-len(c.left)]
	value = c.take(c.uvarint())
	return from[:len(from)-len(c.left)], key, value
}

func (c *cursor) uvarint() (value uint64) {
	for i := 0; i < len(c.left) && i < binary.MaxVarintLen64; i++ {
		b := c.left[i]
		value |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.left = c.left[i+1:]
			return value
		}
	}
	c.left, c.bad = "", true
	return 0
}

func (c *cursor) varint() int64 {
	value := c.uvarint()
	return int64(value>>1) ^ -int64(value&1)
}

func (c *cursor) take(length uint64) (taken string) {
	if length > uint64(len(c.left)) {
		c.left, c.bad = "", true
		return ""
	}
	taken, c.left = c.left[:length], c.left[length:]
	return taken
}

// flags reads one byte.
func (c *cursor) flags() byte {
	if one := c.take(1); one != "" {
		return one[0]
	}
	return 0
}

// count reads how many values follow, of a byte at least each.
func (c *cursor) count() uint64 { return min(c.uvarint(), uint64(len(c.left))) }

func (c *cursor) text() string { return c.take(c.uvarint()) }

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

// words numbers the names that many messages have in common: countries, providers, zones, lots and windows. It is an
// immutable value, like records. The empty name is 0.
type words struct {
	numbers trie[uint64]
	names   []string // from 1
}

func (w words) number(name string) (words, uint64) {
	if name == "" {
		return w, 0
	}
	if n, known := w.numbers.get(name); known {
		return w, n
	}
	n := uint64(len(w.names)) + 1
	w.numbers = w.numbers.with(name, n)
	w.names = append(w.names[:n-1:n-1], name) // copied: another state may append another name
	return w, n
}

func (w words) name(number uint64) string {
	if number == 0 || number > uint64(len(w.names)) {
		return ""
	}
	return w.names[number-1]
}

// What a packed record begins with: its stage, and which of its rare parts follow.
const (
	stageBits      = 1<<3 - 1
	hasNonDelivery = 1 << (iota + 2)
	hasGoodwill
	hasLots
	hasAdjustments
	hasExtra
)

// pack returns the packed form of a record, and the words with those that are new.
func (w words) pack(r record) (words, []byte) {
	flag := func(bit byte, set bool) byte {
		if set {
			return bit
		}
		return 0
	}
	x := r.extra
	first := byte(r.stage) | flag(hasNonDelivery, r.nonDelivery) | flag(hasGoodwill, r.goodwill) |
		flag(hasLots, len(r.lots) > 0) | flag(hasAdjustments, r.adjustments > 0) | flag(hasExtra, !x.isEmpty())
	to := make([]byte, 0, 64)
	to = append(to, first)
	word := func(name string) {
		var n uint64
		w, n = w.number(name)
		to = binary.AppendUvarint(to, n)
	}
	count := func(n int) { to = binary.AppendUvarint(to, uint64(n)) }
	to = binary.AppendVarint(binary.AppendVarint(to, r.price), r.sentAt)
	word(r.country)
	word(r.provider)
	word(r.home)
	if first&hasLots != 0 {
		count(len(r.lots))
		for _, p := range r.lots {
			word(p.Lot)
			to = binary.AppendVarint(to, p.Amount)
		}
	}
	if first&hasAdjustments != 0 {
		count(int(r.adjustments))
	}
	if first&hasExtra == 0 {
		return w, to
	}
	for _, moves := range [][]moved{x.refunded, x.reversed} {
		count(len(moves))
		for _, m := range moves {
			word(m.Lot)
			to = append(binary.AppendVarint(to, m.Amount), flag(1, m.Granted))
		}
	}
	count(len(x.keys))
	for _, key := range x.keys {
		to = appendText(to, key)
	}
	to = binary.AppendVarint(to, x.manual)
	count(len(x.waivedBy))
	for _, window := range x.waivedBy {
		word(window)
	}
	return w, to
}

// unpack returns the record that pack packed.
func (w words) unpack(packed string) (r record) {
	c := cursor{left: packed}
	first := c.flags()
	word := func() string { return w.name(c.uvarint()) }
	r.stage, r.nonDelivery, r.goodwill = Stage(first&stageBits), first&hasNonDelivery != 0, first&hasGoodwill != 0
	r.price, r.sentAt = c.varint(), c.varint()
	r.country, r.provider, r.home = word(), word(), word()
	if first&hasLots != 0 {
		for range c.count() {
			r.lots = append(r.lots, part{word(), c.varint()})
		}
	}
	if first&hasAdjustments != 0 {
		r.adjustments = uint32(c.uvarint())
	}
	if first&hasExtra == 0 {
		return r
	}
	moves := func() (moves []moved) {
		for range c.count() {
			moves = append(moves, moved{word(), c.varint(), c.flags() != 0})
		}
		return moves
	}
	r.extra = extra{refunded: moves(), reversed: moves()}
	for range c.count() {
		r.extra.keys = append(r.extra.keys, c.text())
	}
	r.extra.manual = c.varint()
	for range c.count() {
		r.extra.waivedBy = append(r.extra.waivedBy, word())
	}
	return r
}
