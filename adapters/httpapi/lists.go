package httpapi

import (
	"encoding"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/projections/readmodel"
)

const defaultLimit = 50

// pageSize returns how many items a page has at most.
func pageSize(limit api.Limit) int {
	if limit == 0 {
		return defaultLimit
	}
	return limit
}

// afterID reads a cursor that is the id of the last item of the previous page. It returns the zero id if there is no
// cursor.
func afterID(cursor api.Cursor) (uuid.UUID, error) {
	if cursor == "" {
		return uuid.UUID{}, nil
	}
	parsed, err := uuid.Parse(cursor)
	if err != nil || len(cursor) != 36 {
		return uuid.UUID{}, readmodel.ErrCursorMalformed
	}
	return parsed, nil
}

// pageOf returns the first size items, and the cursor of the next page if there are more.
func pageOf[T any](found []T, size int, cursorOf func(T) string) (items []T, next string) {
	if len(found) <= size {
		return found, ""
	}
	return found[:size], cursorOf(found[size-1])
}

// pageAfter returns the page of a whole list that starts after the cursor.
func pageAfter[T any](
	all []T, cursor api.Cursor, limit api.Limit, cursorOf func(T) string,
) (items []T, next string, err error) {
	if cursor != "" {
		at := slices.IndexFunc(all, func(one T) bool { return cursorOf(one) == cursor })
		if at < 0 {
			return nil, "", readmodel.ErrCursorMalformed
		}
		all = all[at+1:]
	}
	items, next = pageOf(all, pageSize(limit), cursorOf)
	return items, next, nil
}

// each converts the items of a list. It never returns nil, because JSON has [] for an empty list and not null.
func each[T, U any](items []T, convert func(T) U) []U {
	out := make([]U, len(items))
	for i, item := range items {
		out[i] = convert(item)
	}
	return out
}

// parseCursor reads the cursor of a list that is sorted by time. No text is the first page.
func parseCursor(text api.Cursor) (cursor readmodel.Cursor, err error) {
	if text != "" {
		err = cursor.UnmarshalText([]byte(text))
	}
	return cursor, err
}

// cursorText writes a cursor, whose error is always nil.
func cursorText(cursor encoding.TextMarshaler) string {
	text, _ := cursor.MarshalText()
	return string(text)
}
