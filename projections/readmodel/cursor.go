package readmodel

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// A cursor holds the values by which the last row of a page was sorted when it was read, and never refers to the row:
// a row that is renamed, moved or erased afterwards still has a place in the list from which the next page starts.

// Cursor is the last row of a page in a list that is sorted by a time and then by id. The next page starts after it.
// The zero Cursor starts the first page.
type Cursor struct {
	At time.Time
	ID uuid.UUID
}

// IsZero reports whether the cursor starts the first page.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// Before reports whether the row comes after the cursor in such a list.
func (c Cursor) Before(row Cursor) bool {
	return cmp.Or(c.At.Compare(row.At), bytes.Compare(c.ID[:], row.ID[:])) < 0
}

// MarshalText returns 48 hexadecimal digits. Its error is always nil.
func (c Cursor) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%016x%x", uint64(Micros(c.At)), c.ID[:]), nil
}

// ErrCursorMalformed refuses a text that no list returned as a cursor.
var ErrCursorMalformed = domain.Refuse(domain.Invalid, "cursor_malformed",
	"the cursor is not one that this list returned for the same filters; leave it out to start again")

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

// NameCursor is the last row of a page in a list that is sorted by name and then by id, retired things last. The zero
// NameCursor starts the first page. The name may be personal: seal the cursor before it leaves the program.
type NameCursor struct {
	Retired bool
	Name    string // in the form that the list sorts by
	ID      uuid.UUID
}

// IsZero reports whether the cursor starts the first page.
func (c NameCursor) IsZero() bool { return c == NameCursor{} }

// MarshalText returns a digit, the id and the name. Its error is always nil.
func (c NameCursor) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d%x%s", Flag(c.Retired), c.ID[:], c.Name), nil
}

// UnmarshalText reads what MarshalText returned, or returns ErrCursorMalformed.
func (c *NameCursor) UnmarshalText(text []byte) error {
	if len(text) < 33 || !strings.Contains("01", string(text[:1])) {
		return ErrCursorMalformed
	}
	id, err := uuid.ParseBytes(text[1:33])
	if err != nil {
		return ErrCursorMalformed
	}
	*c = NameCursor{Retired: text[0] == '1', Name: string(text[33:]), ID: id}
	return nil
}
