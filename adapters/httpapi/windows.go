package httpapi

import (
	"context"
	"fmt"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

// previewBatch is how many accounts one query of a preview returns.
const previewBatch = 200

func (h *handlers) DeclareWindow(
	ctx context.Context, r api.DeclareWindowRequestObject,
) (api.DeclareWindowResponseObject, error) {
	id, err := middleware.NewID[domain.WindowID](ctx, "window")
	if err != nil {
		return nil, err
	}
	terms := parseWindow(r.Body.Bounds, r.Body.Scope)
	signed, err := h.sign(ctx, window.RefundWindowDeclared{Window: id.String(), Terms: terms}, r.Body.Reason)
	if err == nil {
		signed, err = h.seconded(ctx, signed, "declare", terms)
	}
	if err != nil {
		return nil, err
	}
	written, headers, err := h.change(ctx, window.Declare{
		Window: id.String(), Terms: terms, Signed: signed, ApprovalAbove: h.SecondPerson,
	}, id, signed)
	return api.DeclareWindow201JSONResponse{WindowCreatedJSONResponse: api.WindowCreatedJSONResponse{
		Body: written, Headers: api.WindowCreatedResponseHeaders(headers),
	}}, err
}

func (h *handlers) PreviewWindow(
	ctx context.Context, r api.PreviewWindowRequestObject,
) (api.PreviewWindowResponseObject, error) {
	declared := window.RefundWindowDeclared{Window: "preview", Terms: parseWindow(r.Body.Bounds, r.Body.Scope)}
	signed, err := h.sign(ctx, declared, "")
	return api.PreviewWindow200JSONResponse(shownPreview(signed.Preview)), err
}

func (h *handlers) AmendWindow(
	ctx context.Context, r api.AmendWindowRequestObject,
) (api.AmendWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	amended := amendment(id, r.Body)
	signed, err := h.sign(ctx, amended, r.Body.Reason)
	if err == nil {
		signed, err = h.seconded(ctx, signed, "amend", amended)
	}
	if err != nil {
		return nil, err
	}
	written, headers, err := h.change(ctx, window.Amend{
		Window: id.String(), Terms: amended.Terms, Clawback: amended.Clawback, Signed: signed,
		ApprovalAbove: h.SecondPerson,
	}, id, signed)
	return api.AmendWindow200JSONResponse{
		WindowDoneJSONResponse: api.WindowDoneJSONResponse{Body: written, Headers: headers},
	}, err
}

func (h *handlers) PreviewAmendment(
	ctx context.Context, r api.PreviewAmendmentRequestObject,
) (api.PreviewAmendmentResponseObject, error) {
	signed, err := h.sign(ctx, amendment(domain.WindowID{UUID: r.Window}, r.Body), "")
	return api.PreviewAmendment200JSONResponse(shownPreview(signed.Preview)), err
}

func amendment(id domain.WindowID, body *api.WindowAmendment) window.RefundWindowAmended {
	return window.RefundWindowAmended{
		Window: id.String(), Terms: parseWindow(body.Bounds, body.Scope), Clawback: body.Clawback,
	}
}

func (h *handlers) RevokeWindow(
	ctx context.Context, r api.RevokeWindowRequestObject,
) (api.RevokeWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	revoked := window.RefundWindowRevoked{Window: id.String(), Clawback: r.Body.Clawback}
	signed, err := h.sign(ctx, revoked, r.Body.Reason)
	if err == nil {
		signed, err = h.seconded(ctx, signed, "revoke", revoked)
	}
	if err != nil {
		return nil, err
	}
	written, headers, err := h.change(ctx, window.Revoke{
		Window: id.String(), Clawback: r.Body.Clawback, Signed: signed, ApprovalAbove: h.SecondPerson,
	}, id, signed)
	return api.RevokeWindow200JSONResponse{
		WindowDoneJSONResponse: api.WindowDoneJSONResponse{Body: written, Headers: headers},
	}, err
}

func (h *handlers) PreviewRevocation(
	ctx context.Context, r api.PreviewRevocationRequestObject,
) (api.PreviewRevocationResponseObject, error) {
	revoked := window.RefundWindowRevoked{Window: r.Window.String(), Clawback: r.Body.Clawback}
	signed, err := h.sign(ctx, revoked, "")
	return api.PreviewRevocation200JSONResponse(shownPreview(signed.Preview)), err
}

// change runs the command of a window. The result has the totals of the preview if the command changed the window,
// and none if the window was like this before.
func (h *handlers) change(
	ctx context.Context, cmd window.Command, id domain.WindowID, signed window.Signed,
) (written api.WindowWritten, headers api.WindowDoneResponseHeaders, err error) {
	outcome, err := h.run(ctx, cmd)
	written = api.WindowWritten{
		Id: id.String(), Revision: int64(outcome.Revision), Position: outcome.Position.String(),
		Changed: len(outcome.Events) > 0,
	}
	if written.Changed {
		written.Preview = shownPreview(signed.Preview)
	}
	headers = api.WindowDoneResponseHeaders{
		ETag: etag(outcome.Revision), ClickbookPosition: outcome.Position.String(),
	}
	return written, headers, err
}

func (h *handlers) ListWindows(
	ctx context.Context, r api.ListWindowsRequestObject,
) (api.ListWindowsResponseObject, error) {
	var after projections.WindowCursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Windows.Page(ctx, after, request.rows())
	items, next := page(ctx, h, request, found, projections.Window.Cursor)
	return api.ListWindows200JSONResponse{Items: each(items, shownWindow), Next: next}, err
}

func (h *handlers) ShowWindow(
	ctx context.Context, r api.ShowWindowRequestObject,
) (api.ShowWindowResponseObject, error) {
	one, ok, err := h.Reader.Windows.One(ctx, r.Window.String())
	if err == nil && !ok {
		err = window.ErrUnknownWindow
	}
	return api.ShowWindow200JSONResponse{
		Body: shownWindow(one), Headers: api.ShowWindow200ResponseHeaders{ETag: etag(one.Revision)},
	}, err
}

// sign returns who changes a window and why, and what the change would move in the ledgers as they are now. It makes
// the same decisions as the run that follows, and appends nothing. It refuses what the run would refuse, and a scope
// that names a provider or an account that does not exist.
func (h *handlers) sign(ctx context.Context, event window.Event, reason string) (window.Signed, error) {
	signed := window.Signed{By: middleware.CallerOf(ctx).Name(), Reason: reason}
	if err := h.checkWindow(ctx, event); err != nil {
		return signed, err
	}
	known, err := h.knownWindows(ctx)
	if err != nil {
		return signed, err
	}
	change := refunding.After(known, event)
	var after domain.AccountID
	for {
		accounts, err := h.Reader.Accounts.All(ctx, after, previewBatch)
		if err != nil {
			return signed, err
		}
		for _, one := range accounts {
			if err := ctx.Err(); err != nil {
				return signed, err // a remembered ledger is found without asking ctx
			}
			books, _, err := commands.Load(ctx, h.Engine, credit.Decider, credit.StreamOf(one.ID))
			if err != nil {
				return signed, err
			}
			because := credit.Because{Account: one.ID.String(), Cause: event.ID(), RecordedAt: h.Engine.Now()}
			signed.Preview = signed.Preview.Plus(refunding.Preview(change, h.Terms, because, books))
			after = one.ID
		}
		if len(accounts) < previewBatch {
			return signed, nil
		}
	}
}

// checkWindow refuses a change that its command would refuse, before anything is counted.
func (h *handlers) checkWindow(ctx context.Context, event window.Event) error {
	var command window.Command
	var scope window.Scope
	switch e := event.(type) {
	case window.RefundWindowDeclared:
		command, scope = window.Declare{Window: e.Window, Terms: e.Terms}, e.Scope
	case window.RefundWindowAmended:
		command, scope = window.Amend{Window: e.Window, Terms: e.Terms, Clawback: e.Clawback}, e.Scope
	case window.RefundWindowProposed: // the detector proposes, and no request does
		return nil
	case window.RefundWindowRevoked:
		command = window.Revoke{Window: e.Window, Clawback: e.Clawback}
	}
	state, _, err := commands.Load(ctx, h.Engine, window.Decider, domain.StreamOf(window.Category, event.ID()))
	if err != nil {
		return err
	}
	if _, err := window.Decide(state, command); err != nil {
		return err
	}
	return h.checkScope(ctx, scope)
}

// checkScope refuses names that do not exist: a window with a misspelled provider covers nothing.
func (h *handlers) checkScope(ctx context.Context, scope window.Scope) error {
	if err := h.checkProviders(ctx, "scope.providers", scope.Providers); err != nil {
		return err
	}
	for i, id := range scope.Accounts {
		of, err := domain.ParseID[domain.AccountID](id)
		if err != nil {
			return err
		}
		state, _, err := commands.Load(ctx, h.Engine, account.Decider, account.Stream(of))
		if err != nil {
			return err
		}
		if !state.Open && !state.Closed {
			return problem.Invalid(fmt.Sprintf("scope.accounts.%d", i), "there is no account %s; check its id", id)
		}
	}
	return nil
}

// knownWindows returns all windows, including a change that the caller has just made.
func (h *handlers) knownWindows(ctx context.Context) (known window.Set, err error) {
	if err := h.Views.Wait(ctx, h.writes.Of(middleware.CallerOf(ctx).Name())); err != nil {
		return known, err
	}
	found, err := h.Reader.Windows.All(ctx)
	for _, one := range found {
		if one.Proposed {
			continue
		}
		known = known.With(window.RefundWindowDeclared{Window: one.ID, Terms: one.Terms})
		if one.Revoked {
			known = known.With(window.RefundWindowRevoked{Window: one.ID})
		}
	}
	return known, err
}
