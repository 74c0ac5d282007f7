package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/policy/refunding"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

// Windows is what the API asks about refund windows.
type Windows interface {
	One(ctx context.Context, id string) (projections.Window, bool, error)
	All(ctx context.Context) ([]projections.Window, error)
}

// previewBatch is how many accounts are looked up at once for a preview.
const previewBatch = 200

func (a *api) DeclareWindow(ctx context.Context, r DeclareWindowRequestObject) (DeclareWindowResponseObject, error) {
	id, err := newID[domain.WindowID](ctx, "window")
	if err != nil {
		return nil, err
	}
	declared := window.RefundWindowDeclared{Window: id.String(), Terms: parseWindow(r.Body.Bounds, r.Body.Scope)}
	signed, err := a.sign(ctx, declared)
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, window.Declare{Window: id.String(), Terms: declared.Terms, Signed: signed})
	return DeclareWindow201JSONResponse{created(id, outcome)}, err
}

func (a *api) PreviewWindow(ctx context.Context, r PreviewWindowRequestObject) (PreviewWindowResponseObject, error) {
	signed, err := a.sign(ctx, window.RefundWindowDeclared{
		Window: "preview", Terms: parseWindow(r.Body.Bounds, r.Body.Scope),
	})
	return PreviewWindow200JSONResponse(shownPreview(signed.Preview)), err
}

func (a *api) AmendWindow(ctx context.Context, r AmendWindowRequestObject) (AmendWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	amended := window.RefundWindowAmended{
		Window: id.String(), Terms: parseWindow(r.Body.Bounds, r.Body.Scope), Clawback: r.Body.Clawback,
	}
	signed, err := a.sign(ctx, amended)
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, window.Amend{
		Window: id.String(), Terms: amended.Terms, Clawback: amended.Clawback, Signed: signed,
	})
	return AmendWindow200JSONResponse{done(id, outcome)}, err
}

func (a *api) RevokeWindow(ctx context.Context, r RevokeWindowRequestObject) (RevokeWindowResponseObject, error) {
	id := domain.WindowID{UUID: r.Window}
	signed, err := a.sign(ctx, window.RefundWindowRevoked{Window: id.String(), Clawback: r.Body.Clawback})
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, window.Revoke{Window: id.String(), Clawback: r.Body.Clawback, Signed: signed})
	return RevokeWindow200JSONResponse{done(id, outcome)}, err
}

func (a *api) ListWindows(ctx context.Context, r ListWindowsRequestObject) (ListWindowsResponseObject, error) {
	found, err := a.Windows.All(ctx)
	if err != nil {
		return nil, err
	}
	items, next, err := pageAfter(found, r.Params.Cursor, r.Params.Limit,
		func(one projections.Window) string { return one.ID })
	return ListWindows200JSONResponse{Items: each(items, shownWindow), Next: next}, err
}

func (a *api) ShowWindow(ctx context.Context, r ShowWindowRequestObject) (ShowWindowResponseObject, error) {
	one, ok, err := a.Windows.One(ctx, r.Window.String())
	if err == nil && !ok {
		err = window.ErrUnknownWindow
	}
	return ShowWindow200JSONResponse{shownWindow(one), ShowWindow200ResponseHeaders{etag(one.Revision)}}, err
}

// sign says who changes a window and what that moves in the books as they are now: the very decisions of the run
// that follows, without appending.
func (a *api) sign(ctx context.Context, event window.Event) (window.Signed, error) {
	signed := window.Signed{By: callerOf(ctx).Prefix}
	if err := checkWindow(event); err != nil {
		return signed, err
	}
	known, err := a.knownWindows(ctx)
	if err != nil {
		return signed, err
	}
	change := refunding.After(known, event)
	var after domain.AccountID
	for {
		accounts, err := a.Accounts.All(ctx, after, previewBatch)
		if err != nil {
			return signed, err
		}
		for _, one := range accounts {
			books, _, err := commands.Load(ctx, a.Engine, credit.Decider, credit.StreamOf(one.ID))
			if err != nil {
				return signed, err
			}
			because := credit.Because{Account: one.ID.String(), Cause: event.ID(), RecordedAt: a.Engine.Now()}
			signed.Preview = signed.Preview.Plus(refunding.Preview(change, a.Terms, because, books))
			after = one.ID
		}
		if len(accounts) < previewBatch {
			return signed, nil
		}
	}
}

// checkWindow refuses terms that no declaration would accept, before anything is counted.
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

// knownWindows are all windows as they stand now, the caller's own last one included.
func (a *api) knownWindows(ctx context.Context) (known window.Set, err error) {
	if err := a.Views.Wait(ctx, a.writes.of(callerOf(ctx).Prefix)); err != nil {
		return known, err
	}
	found, err := a.Windows.All(ctx)
	for _, one := range found {
		known = known.With(window.RefundWindowDeclared{Window: one.ID, Terms: one.Terms})
		if one.Revoked {
			known = known.With(window.RefundWindowRevoked{Window: one.ID})
		}
	}
	return known, err
}

func parseWindow(bounds WindowBounds, scope WindowScope) window.Terms {
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
		if bounds.ZoneMode == WindowBoundsZoneModeAccountHome {
			terms.Bounds.ZoneMode = window.AccountHome
		}
	}
	return terms
}

func shownWindow(one projections.Window) Window {
	bounds := one.Terms.Bounds
	shown := Window{
		Id: one.ID, Revision: int64(one.Revision), State: WindowStateActive,
		Bounds: WindowBounds{
			Start: bounds.Start, End: bounds.End, Days: bounds.Days, Zone: bounds.Zone,
			ZoneMode: WindowBoundsZoneMode(bounds.ZoneMode),
		},
		Scope:      WindowScope{Countries: one.Terms.Scope.Countries, Providers: one.Terms.Scope.Providers},
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
		shown.State = WindowStateRevoked
	}
	return shown
}

func shownPreview(totals window.Totals) WindowPreview {
	return WindowPreview{
		Accounts: int64(totals.Accounts), Messages: int64(totals.Messages), RefundedMicro: totals.Refunded,
		ReversedMicro: totals.Reversed,
	}
}
