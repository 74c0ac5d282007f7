package httpapi

import (
	"context"
	"errors"
	"fmt"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

// api carries out the operations of the document. Each parses, asks one command or query, and encodes.
type api struct {
	Config
	writes *lastWrites
}

var _ StrictServerInterface = (*api)(nil)

// run carries out a command, under If-Match where the request has one, and remembers where the caller wrote.
func (a *api) run(ctx context.Context, cmd domain.Command) (commands.Outcome, error) {
	outcome, err := a.runExpected(ctx, cmd)
	if err == nil {
		a.writes.note(callerOf(ctx).Prefix, outcome.Position)
	}
	return outcome, err
}

func (a *api) runExpected(ctx context.Context, cmd domain.Command) (commands.Outcome, error) {
	expected, ok := expectedOf(ctx)
	if !ok {
		return a.Engine.Run(ctx, cmd)
	}
	outcome, err := a.Engine.RunAt(ctx, cmd, expected)
	if errors.Is(err, domain.ErrConflict) {
		return outcome, errStale
	}
	return outcome, err
}

// created and done are the two answers to a write.
func created(id fmt.Stringer, outcome commands.Outcome) CreatedJSONResponse {
	return CreatedJSONResponse{
		Body: writtenAt(id.String(), outcome),
		Headers: CreatedResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}
}

func done(id fmt.Stringer, outcome commands.Outcome) DoneJSONResponse {
	return doneBy(id.String(), outcome)
}

func doneBy(name string, outcome commands.Outcome) DoneJSONResponse {
	return DoneJSONResponse{
		Body: writtenAt(name, outcome),
		Headers: DoneResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}
}

func writtenAt(id string, outcome commands.Outcome) Written {
	return Written{Id: id, Revision: int64(outcome.Revision), Position: outcome.Position.String()}
}

// newID names a new thing after the wish for it, so that the same wish makes the same thing.
func newID[T domain.AnyID](ctx context.Context, kind string) T {
	return domain.DeriveID[T](commands.OriginOf(ctx).ID, kind)
}

// home is the account of the address.
func (a *api) home(ctx context.Context, id PathAccount) (account.State, error) {
	state, _, err := commands.Load(ctx, a.Engine, account.Decider, account.Stream(domain.AccountID{UUID: id}))
	return state, err
}

// opened is the account of the address, which must not be closed.
func (a *api) opened(ctx context.Context, id PathAccount) (account.State, error) {
	state, err := a.home(ctx, id)
	if err == nil && state.Closed {
		err = account.ErrClosed
	}
	return state, err
}
