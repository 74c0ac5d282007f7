package middleware

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// Write is what the middleware found out about a write before its handler runs.
type Write struct {
	Origin   commands.Origin
	Expected *domain.Revision // from If-Match; nil means any
}

type writeKey struct{}

// ErrNoWrite says that a handler writes although the middleware saw no write. It is a bug: the status is 500.
var ErrNoWrite = errors.New("the request has no origin: its handler writes, and the middleware saw no write")

// withOrigin gives a write its origin, which every command of the request has. The ids of new things and of events
// derive from id.
func withOrigin(r *http.Request, id uuid.UUID, expected *domain.Revision) *http.Request {
	origin := authorityOf(r).WithID(id).WithCause(id, id)
	return r.WithContext(context.WithValue(r.Context(), writeKey{}, Write{origin, expected}))
}

// authorityOf returns what a request may touch: the account in its path, or else what its caller belongs to. Without
// a caller that is nothing.
func authorityOf(r *http.Request) commands.Origin {
	caller := CallerOf(r.Context())
	actor := caller.Actor()
	switch {
	case operationOf(r.Context()).OfAccount:
		return commands.ForAccount(accountID(r), actor)
	case !caller.IsZero() && caller.Account.IsZero():
		return commands.ForInstallation(actor)
	}
	return commands.ForAccount(caller.Account, actor)
}

// WriteOf returns the write that a handler serves, or ErrNoWrite.
func WriteOf(ctx context.Context) (Write, error) {
	found, ok := ctx.Value(writeKey{}).(Write)
	if !ok {
		return Write{}, ErrNoWrite
	}
	return found, nil
}

// NewID derives the id of a new thing from the request, so a repeated request makes the same thing. It returns
// ErrNoWrite as WriteOf does.
func NewID[T domain.AnyID](ctx context.Context, kind string) (T, error) {
	write, err := WriteOf(ctx)
	return domain.DeriveID[T](write.Origin.ID(), kind), err
}
