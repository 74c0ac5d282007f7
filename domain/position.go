package domain

import (
	"cmp"
	"fmt"
	"strconv"
)

// Position is a place in the whole log: ordered, storable and otherwise opaque. Only the store that made it knows
// what it counts (a sequence, a transaction and a sequence, a commit and a prepare position). The zero Position is
// before every event.
type Position struct{ major, minor uint64 }

// NewPosition returns a position for an event store, which numbers its log with one value (minor 0) or a pair.
func NewPosition(major, minor uint64) Position { return Position{major, minor} }

// Pair returns the values given to NewPosition. It is for event stores.
func (p Position) Pair() (major, minor uint64) { return p.major, p.minor }

// IsZero reports whether p is before every event.
func (p Position) IsZero() bool { return p == Position{} }

// Compare returns -1, 0 or 1 if p is before, equal to or after q.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.major, q.major), cmp.Compare(p.minor, q.minor))
}

// Before reports whether p is before q.
func (p Position) Before(q Position) bool { return p.Compare(q) < 0 }

// String returns 32 hexadecimal digits. The strings sort like the positions.
func (p Position) String() string { return fmt.Sprintf("%016x%016x", p.major, p.minor) }

// MarshalText returns String.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText parses the result of MarshalText.
func (p *Position) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePosition(string(text))
	return err
}

// ParsePosition parses the result of String.
func ParsePosition(text string) (Position, error) {
	if len(text) != 32 {
		return Position{}, Refusef(Invalid, "position_malformed", "invalid position %q: write 32 hexadecimal digits", text)
	}
	major, err := strconv.ParseUint(text[:16], 16, 64)
	if err != nil {
		return Position{}, Refusef(Invalid, "position_malformed", "invalid position %q: write 32 hexadecimal digits", text)
	}
	minor, err := strconv.ParseUint(text[16:], 16, 64)
	if err != nil {
		return Position{}, Refusef(Invalid, "position_malformed", "invalid position %q: write 32 hexadecimal digits", text)
	}
	return Position{major, minor}, nil
}

// Revision is a place in one stream: 0 for its first event.
type Revision int64

// NoStream is the revision of a stream without events.
const NoStream Revision = -1
