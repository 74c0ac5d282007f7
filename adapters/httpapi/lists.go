package httpapi

import (
	"cmp"
	"context"
	"encoding"
	"encoding/base64"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/projections/readmodel"
)

const defaultLimit = 50

// maxPassed bounds the rows that a cursor remembers.
const maxPassed = 32

// pageRequest is which page of a list to read.
type pageRequest struct {
	size   int         // items on a page at most
	passed []uuid.UUID // the last rows of the pages before: moved to a later place, they are not listed again
}

// rows returns how many rows to read: one more than the page has shows whether another follows.
func (p pageRequest) rows() int { return p.size + 1 + len(p.passed) }

// openPage reads the cursor of a request into the values from which the page starts. No cursor is the first page. It
// refuses a cursor that this list has not made for the same account and filters.
func (h *handlers) openPage(
	ctx context.Context, given api.Cursor, limit api.Limit, into encoding.TextUnmarshaler,
) (pageRequest, error) {
	request := pageRequest{size: cmp.Or(limit, defaultLimit)}
	if given == "" {
		return request, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(given)
	if err != nil {
		return request, readmodel.ErrCursorMalformed
	}
	text, err := h.Cursors.Open(nil, nil, sealed, middleware.ListOf(ctx))
	if err != nil || len(text) == 0 || len(text) < 1+16*int(text[0]) {
		return request, readmodel.ErrCursorMalformed
	}
	ids, text := text[1:1+16*int(text[0])], text[1+16*int(text[0]):]
	for id := range slices.Chunk(ids, 16) {
		request.passed = append(request.passed, uuid.UUID(id))
	}
	return request, into.UnmarshalText(text)
}

// page returns the items of a page among the rows that were read, and the cursor of the next page if there are more.
// The cursor is sealed together with the list and its filters: it may have a name, and it means nothing in another
// list.
func page[T any, C encoding.TextMarshaler](
	ctx context.Context, h *handlers, request pageRequest, found []T, cursorOf func(T) C,
) (items []T, next string) {
	items = slices.DeleteFunc(found, func(one T) bool { return slices.Contains(request.passed, rowOf(cursorOf(one))) })
	if len(items) <= request.size {
		return items, ""
	}
	items = items[:request.size]
	last := cursorOf(items[len(items)-1])
	passed := request.passed
	if id := rowOf(last); id != uuid.Nil {
		passed = append(slices.Clip(passed), id)
		passed = passed[max(0, len(passed)-maxPassed):]
	}
	plain := []byte{byte(len(passed))}
	for _, id := range passed {
		plain = append(plain, id[:]...)
	}
	text, _ := last.MarshalText() // the error is always nil
	sealed := h.Cursors.Seal(nil, nil, append(plain, text...), middleware.ListOf(ctx))
	return items, base64.RawURLEncoding.EncodeToString(sealed)
}

// rowOf returns the id of the row of a cursor, or zero in a list whose rows never change their place.
func rowOf(cursor any) uuid.UUID {
	switch of := cursor.(type) {
	case readmodel.Cursor:
		return of.ID
	case readmodel.NameCursor:
		return of.ID
	}
	return uuid.Nil
}

// each converts the items of a list. It never returns nil, because JSON has [] for an empty list and not null.
func each[T, U any](items []T, convert func(T) U) []U {
	out := make([]U, len(items))
	for i, item := range items {
		out[i] = convert(item)
	}
	return out
}
