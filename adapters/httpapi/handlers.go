package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/members"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
)

// handlers has one method for each operation of the document.
type handlers struct {
	Config
	*members.Handlers
	writes   *middleware.LastWrites
	revoking sync.Mutex // held while it is checked that another admin key is left
}

var _ api.StrictServerInterface = (*handlers)(nil)

// run carries out the command of a write, at the revision in If-Match if there is one.
func (h *handlers) run(ctx context.Context, cmd domain.Command) (commands.Outcome, error) {
	write, err := middleware.WriteOf(ctx)
	if err != nil {
		return commands.Outcome{}, err
	}
	return h.runWrite(ctx, write, cmd)
}

// runWrite is run for a write that the handler has changed.
func (h *handlers) runWrite(
	ctx context.Context, write middleware.Write, cmd domain.Command,
) (outcome commands.Outcome, err error) {
	if write.Expected == nil {
		outcome, err = h.Engine.Run(ctx, write.Origin, cmd)
	} else {
		outcome, err = h.Engine.RunAt(ctx, write.Origin, cmd, *write.Expected)
	}
	return h.finish(ctx, write, outcome, err)
}

// finish records a successful write, so that the caller's next read sees it. A conflict with If-Match means that the
// caller has read an old revision.
func (h *handlers) finish(
	ctx context.Context, write middleware.Write, outcome commands.Outcome, err error,
) (commands.Outcome, error) {
	if write.Expected != nil && errors.Is(err, domain.ErrConflict) {
		err = problem.ErrRevisionStale
	}
	if err == nil {
		h.writes.Record(middleware.CallerOf(ctx).Name(), outcome.Position)
	}
	return outcome, err
}

// created and done are the responses to a write.
func created(id fmt.Stringer, outcome commands.Outcome) api.CreatedJSONResponse {
	return api.CreatedJSONResponse{
		Body: written(id, outcome),
		Headers: api.CreatedResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}
}

func done(id fmt.Stringer, outcome commands.Outcome) api.DoneJSONResponse {
	return api.DoneJSONResponse{
		Body: written(id, outcome),
		Headers: api.DoneResponseHeaders{
			ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
		},
	}
}

func written(id fmt.Stringer, outcome commands.Outcome) api.Written {
	return api.Written{
		Id: id.String(), Revision: int64(outcome.Revision), Position: outcome.Position.String(),
	}
}

// etag writes a revision as an entity tag.
func etag(revision domain.Revision) string {
	return strconv.Quote(strconv.FormatInt(int64(revision), 10))
}

// name is an id that is a plain text.
type name string

func (n name) String() string { return string(n) }

// openAccount returns the account in the path. It refuses a closed one.
func openAccount(ctx context.Context) (account.State, error) {
	state := middleware.AccountOf(ctx)
	if state.Closed {
		return state, account.ErrClosed
	}
	return state, nil
}
