package httpapi

import (
	"context"
	"encoding"
	"encoding/base64"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
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

// openCursor reads the cursor of a request into the values from which the page starts. No cursor is the first page.
// It refuses a cursor that this list has not made for the same account and filters.
func (h *handlers) openCursor(ctx context.Context, given api.Cursor, into encoding.TextUnmarshaler) error {
	if given == "" {
		return nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil {
		return readmodel.ErrCursorMalformed
	}
	text, err := h.Cursors.Open(nil, nil, sealed, middleware.ListOf(ctx))
	if err != nil {
		return readmodel.ErrCursorMalformed
	}
	return into.UnmarshalText(text)
}

// sealCursor writes the cursor of the next page. It is sealed together with the list and its filters: it may have a
// name, and it means nothing in another list.
func (h *handlers) sealCursor(ctx context.Context, cursor encoding.TextMarshaler) string {
	text, _ := cursor.MarshalText() // the error is always nil
	return base64.RawURLEncoding.EncodeToString(h.Cursors.Seal(nil, nil, text, middleware.ListOf(ctx)))
}

// page returns the first size of the items found, and the cursor of the next page if there are more.
func page[T any, C encoding.TextMarshaler](
	ctx context.Context, h *handlers, found []T, size int, cursorOf func(T) C,
) (items []T, next string) {
	if len(found) <= size {
		return found, ""
	}
	return found[:size], h.sealCursor(ctx, cursorOf(found[size-1]))
}

// each converts the items of a list. It never returns nil, because JSON has [] for an empty list and not null.
func each[T, U any](items []T, convert func(T) U) []U {
	out := make([]U, len(items))
	for i, item := range items {
		out[i] = convert(item)
	}
	return out
}
