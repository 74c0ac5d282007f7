package readmodel

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Cursor is the last row of a page in a list that is sorted by a time and then by id. The next page starts after it.
// The zero Cursor starts the first page.
type Cursor struct {
	At time.Time
	ID uuid.UUID
}

// IsZero reports whether the cursor starts the first page.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// MarshalText returns 48 hexadecimal digits, which need no escaping in a URL. Its error is always nil.
func (c Cursor) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%016x%x", uint64(Micros(c.At)), c.ID[:]), nil
}

// ErrCursorMalformed refuses a text that no list returned as a cursor.
var ErrCursorMalformed = domain.Refuse(domain.Invalid, "cursor_malformed",
	"the cursor is not one that this list returned; leave it out to start again")

// UnmarshalText reads what MarshalText returned, or returns ErrCursorMalformed.
func (c *Cursor) UnmarshalText(text []byte) error {
	if len(text) != 48 {
		return ErrCursorMalformed
	}
	at, err := strconv.ParseUint(string(text[:16]), 16, 64)
	if err != nil {
		return ErrCursorMalformed
	}
	id, err := uuid.ParseBytes(text[16:])
	if err != nil {
		return ErrCursorMalformed
	}
	*c = Cursor{Time(int64(at)), id}
	return nil
}
