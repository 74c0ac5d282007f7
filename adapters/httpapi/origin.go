package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// write is what the middleware found out about a write before its handler runs.
type write struct {
	origin   commands.Origin
	expected *domain.Revision // that If-Match asks for; nil means any
}

type writeKey struct{}

var errNoWrite = errors.New("the request has no origin: its handler writes, and the middleware saw no write")

// originate gives a write its origin, which every command of the request has. The ids of new things and of events
// derive from id.
func originate(r *http.Request, id uuid.UUID) (*http.Request, error) {
	expected, err := expectedOf(r)
	if err != nil {
		return nil, err
	}
	origin := authorityOf(r).WithID(id).WithCause(id, id)
	return r.WithContext(context.WithValue(r.Context(), writeKey{}, write{origin, expected})), nil
}

// authorityOf returns what a request may touch: the account in its path, or else what its key belongs to. Without a
// key that is nothing.
func authorityOf(r *http.Request) commands.Origin {
	caller := callerOf(r.Context())
	actor := domain.Actor{ID: "key:" + caller.Prefix, Channel: "api"}
	switch {
	case operationOf(r.Context()).tenant:
		return commands.ForAccount(tenantOf(r), actor)
	case caller.Prefix != "" && caller.Account.IsZero():
		return commands.ForInstallation(actor)
	}
	return commands.ForAccount(caller.Account, actor)
}

// writeOf returns what originate found out. An error is a bug: the request ends with status 500.
func writeOf(ctx context.Context) (write, error) {
	found, ok := ctx.Value(writeKey{}).(write)
	if !ok {
		return write{}, errNoWrite
	}
	return found, nil
}

// originOf returns the origin of a write, on the same terms.
func originOf(ctx context.Context) (commands.Origin, error) {
	found, err := writeOf(ctx)
	return found.origin, err
}

// newID names a new thing after the request for it, so a repeated request makes the same thing.
func newID[T domain.AnyID](ctx context.Context, kind string) (T, error) {
	origin, err := originOf(ctx)
	return domain.DeriveID[T](origin.ID(), kind), err
}
