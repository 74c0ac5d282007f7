package domain

import (
	"cmp"
	"fmt"
	"strconv"
)

// Position is a place in the whole log: opaque, ordered, storable. Only the store that made it knows what it
// counts (a sequence, a transaction and a sequence, a commit and a prepare position), so nobody else does
// arithmetic on it. The zero Position stands before every event.
type Position struct{ major, minor uint64 }

// NewPosition is for event stores: they number their log with one value (minor 0) or a pair.
func NewPosition(major, minor uint64) Position { return Position{major, minor} }

// Pair gives back what NewPosition was given. It is for event stores.
func (p Position) Pair() (major, minor uint64) { return p.major, p.minor }

// IsZero reports whether p stands before every event.
func (p Position) IsZero() bool { return p == Position{} }

// Compare answers -1, 0 or 1 as p stands before, at or after q.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.major, q.major), cmp.Compare(p.minor, q.minor))
}

// Before reports whether p stands before q.
func (p Position) Before(q Position) bool { return p.Compare(q) < 0 }

// String is 32 hexadecimal digits; the order of the texts is the order of the positions.
func (p Position) String() string { return fmt.Sprintf("%016x%016x", p.major, p.minor) }

// MarshalText is String, so that positions can be stored and sent.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePosition(string(text))
	return err
}

// ParsePosition reads what String wrote.
func ParsePosition(text string) (Position, error) {
	if len(text) != 32 {
		return Position{}, Refusef(Invalid, "position_malformed", "a position has 32 hexadecimal digits, not %q", text)
	}
	major, err := strconv.ParseUint(text[:16], 16, 64)
	if err != nil {
		return Position{}, Refusef(Invalid, "position_malformed", "a position has 32 hexadecimal digits, not %q", text)
	}
	minor, err := strconv.ParseUint(text[16:], 16, 64)
	if err != nil {
		return Position{}, Refusef(Invalid, "position_malformed", "a position has 32 hexadecimal digits, not %q", text)
	}
	return Position{major, minor}, nil
}

// Revision is a place in one stream: 0 for its first event.
type Revision int64

// NoStream is the revision of a stream that has no events.
const NoStream Revision = -1
