package commands

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Origin says where a wish comes from. ID is the identity of the wish: the same wish asked twice (a retried
// request, a redelivered event) carries the same ID and has its effect once. A zero Account means the
// installation itself, which may touch every account.
type Origin struct {
	ID          uuid.UUID
	Account     domain.AccountID
	Actor       domain.Actor
	Causation   uuid.UUID
	Correlation uuid.UUID
	At          time.Time // when it happened, where that was before now: imported history; zero means now
}

type originKey struct{}

// WithOrigin sends the origin along with every command run under ctx.
func WithOrigin(ctx context.Context, origin Origin) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// OriginOf is the origin that came along, zero if none did.
func OriginOf(ctx context.Context) Origin {
	origin, _ := ctx.Value(originKey{}).(Origin)
	return origin
}

// Because is the origin of what a policy wants when it saw a recorded event: its identity is the event's and
// the purpose, its account is the event's.
func Because(recorded domain.Recorded, policy string) Origin {
	correlation := recorded.Meta.Correlation
	if correlation == uuid.Nil {
		correlation = recorded.ID
	}
	return Origin{
		ID: domain.DeriveUUID(recorded.ID, policy), Account: recorded.Meta.Account,
		Actor:     domain.Actor{ID: policy, Channel: "policy"},
		Causation: recorded.ID, Correlation: correlation,
	}
}
