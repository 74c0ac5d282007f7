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

// run carries out a command of the request, under If-Match if it has one, and remembers where the caller wrote.
func (a *api) run(ctx context.Context, cmd domain.Command) (commands.Outcome, error) {
	asked, err := writeOf(ctx)
	if err != nil {
		return commands.Outcome{}, err
	}
	return a.runAs(ctx, asked, cmd)
}

func (a *api) runAs(ctx context.Context, asked write, cmd domain.Command) (commands.Outcome, error) {
	outcome, err := a.runExpected(ctx, asked, cmd)
	if err == nil {
		a.writes.note(callerOf(ctx).Prefix, outcome.Position)
	}
	return outcome, err
}

func (a *api) runExpected(ctx context.Context, asked write, cmd domain.Command) (commands.Outcome, error) {
	if asked.expected == nil {
		return a.Engine.Run(ctx, asked.origin, cmd)
	}
	outcome, err := a.Engine.RunAt(ctx, asked.origin, cmd, *asked.expected)
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
