package httpapi

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (h *handlers) ListAlerts(
	ctx context.Context, r api.ListAlertsRequestObject,
) (api.ListAlertsResponseObject, error) {
	var after readmodel.Cursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	id := domain.AccountID{UUID: r.Account}
	found, err := h.Reader.Alerts.Of(ctx, id, after, request.rows())
	if err != nil {
		return nil, err
	}
	calls, err := h.Reader.CallSheet.Of(ctx, id, h.Engine.Now())
	items, next := page(ctx, h, request, found, projections.Alert.Cursor)
	return api.ListAlerts200JSONResponse{Next: next, Items: each(items, func(one projections.Alert) api.Alert {
		return alert(one, calls)
	})}, err
}

// alert shows an alert. One of undelivered messages lasts while a client of whom it told waits for a call.
func alert(one projections.Alert, calls []projections.Call) api.Alert {
	shown := api.Alert{
		Kind: api.AlertKind(one.Kind), At: one.RaisedAt, ToldAt: one.ToldAt, ResolvedAt: one.ResolvedAt,
		Resolved: !one.ResolvedAt.IsZero(),
	}
	switch shown.Kind {
	case api.AlertKindOutage:
		shown.Outage = uuid.UUID(one.Source)
	case api.AlertKindUndelivered:
		shown.Message = uuid.UUID(one.Source)
		shown.Resolved = !slices.ContainsFunc(calls, func(c projections.Call) bool {
			return c.ContactedAt.IsZero() && !c.Since.After(one.Through)
		})
	case api.AlertKindAlert:
		shown.Message = uuid.UUID(one.Source)
	case api.AlertKindCredits:
	}
	return shown
}

// alertsOf returns the alerts that an account asks for. One that says nothing about them gets all.
func alertsOf(given *api.AccountAlerts) account.Alerts {
	if given == nil {
		return account.Alerts{On: true}
	}
	return account.Alerts{
		On: true, UndeliveredOff: given.UndeliveredOff, BouncedOff: given.BouncedOff, CreditsOff: given.CreditsOff,
		CreditsBelow: given.CreditsBelowMicro,
	}
}

// shownAlerts returns the alerts of an account as a request would ask for them.
func shownAlerts(alerts account.Alerts) *api.AccountAlerts {
	return &api.AccountAlerts{
		UndeliveredOff: !alerts.On || alerts.UndeliveredOff, BouncedOff: !alerts.On || alerts.BouncedOff,
		CreditsOff: !alerts.On || alerts.CreditsOff, CreditsBelowMicro: alerts.CreditsBelow,
	}
}
