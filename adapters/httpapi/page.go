package httpapi

import (
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

const defaultLimit = 50

var errCursor = domain.Refuse(domain.Invalid, "cursor_malformed",
	"the cursor is not one that this list gave; leave it out to begin anew")

// sizeOf is how many items a page holds.
func sizeOf(limit Limit) int {
	if limit == 0 {
		return defaultLimit
	}
	return limit
}

// afterID reads a cursor that is the id of the last item of the page before; none is the zero id.
func afterID(cursor Cursor) (uuid.UUID, error) {
	if cursor == "" {
		return uuid.UUID{}, nil
	}
	parsed, err := uuid.Parse(cursor)
	if err != nil || len(cursor) != 36 {
		return uuid.UUID{}, errCursor
	}
	return parsed, nil
}

// pageOf cuts what was asked for with one item more than a page holds, and answers where the next page begins.
func pageOf[T any](found []T, size int, cursorOf func(T) string) (items []T, next string) {
	if len(found) <= size {
		return found, ""
	}
	return found[:size], cursorOf(found[size-1])
}

// pageAfter cuts a page out of a whole list.
func pageAfter[T any](
	all []T, cursor Cursor, limit Limit, cursorOf func(T) string,
) (items []T, next string, err error) {
	if cursor != "" {
		at := slices.IndexFunc(all, func(one T) bool { return cursorOf(one) == cursor })
		if at < 0 {
			return nil, "", errCursor
		}
		all = all[at+1:]
	}
	items, next = pageOf(all, sizeOf(limit), cursorOf)
	return items, next, nil
}

// each encodes a list; an empty one is written as [], never as null.
func each[T, U any](items []T, encode func(T) U) []U {
	out := make([]U, len(items))
	for i, item := range items {
		out[i] = encode(item)
	}
	return out
}

// markOf reads a cursor of a list that is ordered by time.
func markOf(cursor Cursor) (mark readmodel.Cursor, err error) {
	if cursor != "" {
		err = mark.UnmarshalText([]byte(cursor))
	}
	return mark, err
}

func cursorAt(mark readmodel.Cursor) string {
	text, _ := mark.MarshalText() // never fails
	return string(text)
}
