package readmodel

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// where gathers the conditions of a query with their arguments.
type Where struct {
	sql  strings.Builder
	Args []any
}

// and adds a condition; each ? stands for the next argument.
func (w *Where) And(condition string, args ...any) {
	if w.sql.Len() == 0 {
		w.sql.WriteString("WHERE ")
	} else {
		w.sql.WriteString(" AND ")
	}
	w.Add(condition, args...)
}

// add is and for what follows the conditions: order and limit.
func (w *Where) Add(clause string, args ...any) {
	for i, part := range strings.Split(clause, "?") {
		if i > 0 {
			w.Args = append(w.Args, args[i-1])
			w.sql.WriteString("$" + strconv.Itoa(len(w.Args)))
		}
		w.sql.WriteString(part)
	}
}

// oneOf adds that a column holds one of the values, or nothing when there are none.
func OneOf[T any](w *Where, column string, values []T, arg func(T) any) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = arg(value)
	}
	w.And(column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}

func (w *Where) String() string { return w.sql.String() }

// asked gives the conditions back with ? for each argument, to stand inside those of another query.
func (w *Where) Template() string { return placeholder.ReplaceAllString(w.sql.String(), "?") }

var placeholder = regexp.MustCompile(`\$[0-9]+`)

// word is a text as an argument.
func Text(text string) any { return text }

// Mark is a place in a list that is ordered by a time and then by id: where the next page begins. The zero Mark
// is the beginning.
type Mark struct {
	At time.Time
	ID uuid.UUID
}

// IsZero reports whether the list is read from its beginning.
func (m Mark) IsZero() bool { return m == Mark{} }

// MarshalText writes 48 hexadecimal digits, fit for a URL.
func (m Mark) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%016x%x", uint64(Micros(m.At)), m.ID[:]), nil
}

// UnmarshalText reads what MarshalText wrote.
func (m *Mark) UnmarshalText(text []byte) error {
	malformed := domain.Refuse(domain.Invalid, "cursor_malformed",
		"the cursor is not one that this list gave; leave it out to begin anew")
	if len(text) != 48 {
		return malformed
	}
	at, err := strconv.ParseUint(string(text[:16]), 16, 64)
	if err != nil {
		return malformed
	}
	id, err := uuid.ParseBytes(text[16:])
	if err != nil {
		return malformed
	}
	*m = Mark{Time(int64(at)), id}
	return nil
}
