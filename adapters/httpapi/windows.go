package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
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
	declared := window.RefundWindowDeclared{Window: id.String(), Terms: parseWindow(r.Body.Bounds, r.Body.Scope)}
	signed, err := h.sign(ctx, declared)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, window.Declare{Window: id.String(), Terms: declared.Terms, Signed: signed})
	return api.DeclareWindow201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

func (h *handlers) PreviewWindow(
	ctx context.Context, r api.PreviewWindowRequestObject,
) (api.PreviewWindowResponseObject, error) {
	signed, err := h.sign(ctx, window.RefundWindowDeclared{
		Window: "preview", Terms: parseWindow(r.Body.Bounds, r.Body.Scope),
	})
	return api.PreviewWindow200JSONResponse(shownPreview(signed.Preview)), err
}

func (h *handlers) AmendWindow(
	ctx context.Context, r api.AmendWindowRequestObject,
) (api.AmendWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	amended := window.RefundWindowAmended{
		Window: id.String(), Terms: parseWindow(r.Body.Bounds, r.Body.Scope), Clawback: r.Body.Clawback,
	}
	signed, err := h.sign(ctx, amended)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, window.Amend{
		Window: id.String(), Terms: amended.Terms, Clawback: amended.Clawback, Signed: signed,
	})
	return api.AmendWindow200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) RevokeWindow(
	ctx context.Context, r api.RevokeWindowRequestObject,
) (api.RevokeWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	signed, err := h.sign(ctx, window.RefundWindowRevoked{Window: id.String(), Clawback: r.Body.Clawback})
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, window.Revoke{Window: id.String(), Clawback: r.Body.Clawback, Signed: signed})
	return api.RevokeWindow200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) ListWindows(
	ctx context.Context, r api.ListWindowsRequestObject,
) (api.ListWindowsResponseObject, error) {
	found, err := h.Reader.Windows.All(ctx)
	if err != nil {
		return nil, err
	}
	items, next, err := pageAfter(found, r.Params.Cursor, r.Params.Limit,
		func(one projections.Window) string { return one.ID })
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

// sign returns who changes a window, and what the change would move in the ledgers as they are now. It makes the same
// decisions as the run that follows, and appends nothing.
func (h *handlers) sign(ctx context.Context, event window.Event) (window.Signed, error) {
	signed := window.Signed{By: middleware.CallerOf(ctx).Prefix}
	if err := checkWindow(event); err != nil {
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

// checkWindow refuses the terms that a declaration would refuse, before anything is counted.
func checkWindow(event window.Event) error {
	var terms window.Terms
	switch e := event.(type) {
	case window.RefundWindowDeclared:
		terms = e.Terms
	case window.RefundWindowAmended:
		terms = e.Terms
	default:
		return nil
	}
	_, err := window.Decide(window.State{}, window.Declare{Window: event.ID(), Terms: terms})
	return err
}

// knownWindows returns all windows, including a change that the caller has just made.
func (h *handlers) knownWindows(ctx context.Context) (known window.Set, err error) {
	if err := h.Views.Wait(ctx, h.writes.Of(middleware.CallerOf(ctx).Prefix)); err != nil {
		return known, err
	}
	found, err := h.Reader.Windows.All(ctx)
	for _, one := range found {
		known = known.With(window.RefundWindowDeclared{Window: one.ID, Terms: one.Terms})
		if one.Revoked {
			known = known.With(window.RefundWindowRevoked{Window: one.ID})
		}
	}
	return known, err
}

func parseWindow(bounds api.WindowBounds, scope api.WindowScope) window.Terms {
	terms := window.Terms{
		Bounds: window.Bounds{Kind: window.Instants, Start: bounds.Start.UTC(), End: bounds.End.UTC()},
		Scope: window.Scope{
			Countries: scope.Countries, Providers: scope.Providers, Accounts: each(scope.Accounts, uuid.UUID.String),
		},
	}
	if !bounds.StartDate.IsZero() {
		terms.Bounds = window.Bounds{
			Kind: window.LocalDates, StartDate: bounds.StartDate.Format(time.DateOnly), Days: bounds.Days,
			Zone: bounds.Zone,
		}
		if bounds.ZoneMode == api.WindowBoundsZoneModeAccountHome {
			terms.Bounds.ZoneMode = window.AccountHome
		}
	}
	return terms
}

func shownWindow(one projections.Window) api.Window {
	bounds := one.Terms.Bounds
	shown := api.Window{
		Id: one.ID, Revision: int64(one.Revision), State: api.WindowStateActive,
		Bounds: api.WindowBounds{
			Start: bounds.Start, End: bounds.End, Days: bounds.Days, Zone: bounds.Zone,
			ZoneMode: api.WindowBoundsZoneMode(bounds.ZoneMode),
		},
		Scope:      api.WindowScope{Countries: one.Terms.Scope.Countries, Providers: one.Terms.Scope.Providers},
		DeclaredAt: one.DeclaredAt, ChangedAt: one.ChangedAt, Preview: shownPreview(one.Signed.Preview),
	}
	if date, err := time.Parse(time.DateOnly, bounds.StartDate); err == nil {
		shown.Bounds.StartDate.Time = date
	}
	for _, account := range one.Terms.Scope.Accounts {
		if id, err := uuid.Parse(account); err == nil {
			shown.Scope.Accounts = append(shown.Scope.Accounts, id)
		}
	}
	if one.Revoked {
		shown.State = api.WindowStateRevoked
	}
	return shown
}

func shownPreview(totals window.Totals) api.WindowPreview {
	return api.WindowPreview{
		Accounts: int64(totals.Accounts), Messages: int64(totals.Messages), RefundedMicro: totals.Refunded,
		ReversedMicro: totals.Reversed,
	}
}
