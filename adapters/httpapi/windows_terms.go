package httpapi

import (
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain/window"
	"github.com/clickbook/clickbook/projections"
)

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
		ChangedBy: one.Signed.By, Reason: one.Signed.Reason, Outage: one.Outage.UUID,
	}
	if date, err := time.Parse(time.DateOnly, bounds.StartDate); err == nil {
		shown.Bounds.StartDate.Time = date
	}
	for _, account := range one.Terms.Scope.Accounts {
		if id, err := uuid.Parse(account); err == nil {
			shown.Scope.Accounts = append(shown.Scope.Accounts, id)
		}
	}
	switch {
	case one.Revoked:
		shown.State = api.WindowStateRevoked
	case one.Proposed:
		shown.State = api.WindowStateProposed
	}
	return shown
}

func shownPreview(totals window.Totals) api.WindowPreview {
	return api.WindowPreview{
		Accounts: int64(totals.Accounts), Messages: int64(totals.Messages), RefundedMicro: totals.Refunded,
		ReversedMicro: totals.Reversed,
	}
}
