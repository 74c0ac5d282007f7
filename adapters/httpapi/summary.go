package httpapi

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/domain/provider"
)

// How long the credits last is told by what was used in these days. With less than fewDays left, they are low.
const (
	usedDays = 28
	fewDays  = 7
)

// localSecond is a time on a clock without its zone.
const localSecond = "2006-01-02T15:04:05"

func (h *handlers) ShowSummary(
	ctx context.Context, r api.ShowSummaryRequestObject,
) (api.ShowSummaryResponseObject, error) {
	id, now := domain.AccountID{UUID: r.Account}, h.Engine.Now()
	state := middleware.AccountOf(ctx)
	zone, err := zoneOf(ctx)
	if err != nil {
		return nil, err
	}
	shown := api.ShowSummary200JSONResponse{
		Account: r.Account, Name: state.Name.Reveal(), Zone: state.Zone, Locale: state.Locale, Country: state.Country,
		Now: now, Local: now.In(zone).Format(localSecond), Carriers: h.providerMode(),
	}
	if shown.Carrier, err = h.carrierOf(ctx, state.Country, now); err != nil {
		return nil, err
	}
	if shown.Credits, err = h.creditsLeft(ctx, id, state.Alerts, now); err != nil {
		return nil, err
	}
	calls, err := h.openCalls(ctx, id)
	if err != nil {
		return nil, err
	}
	shown.Calls = len(calls)
	shown.Work, _, err = h.Reader.Work.Count(ctx, id, now)
	return shown, err
}

// carrierOf returns who gets the next text to a country, as the sender would choose: the first of the route that is
// enabled and not out. It returns zero if nobody does.
func (h *handlers) carrierOf(ctx context.Context, country string, now time.Time) (first api.CarrierNow, err error) {
	taken, err := messaging.RouteOf(ctx, h.Engine, country)
	if err != nil {
		return first, err
	}
	place := outagedetect.CellOf("", country, "")
	for _, name := range taken.Order(now) {
		known, err := commands.LoadCurrent(ctx, h.Engine, provider.Decider, provider.Stream(name))
		if err != nil {
			return first, err
		}
		if !known.Enabled() {
			continue
		}
		state, err := commands.LoadCurrent(ctx, h.Engine, outage.Decider, outage.Stream(name))
		if err != nil {
			return first, err
		}
		place.Provider = name
		cell, out := state.Out(outage.Cell(place), now)
		switch {
		case first.Provider == "":
			first = api.CarrierNow{Provider: name, Label: known.Label, Down: out}
			if out {
				first.Outage, first.OutageSince = cell.ID.UUID, cell.ChangePoint
			}
			if !out {
				return first, nil
			}
		case !out:
			return api.CarrierNow{
				Provider: name, Label: known.Label, InsteadOf: first.Provider, Outage: first.Outage,
				OutageSince: first.OutageSince,
			}, nil
		}
	}
	return first, nil
}

// creditsLeft returns what is left, and about how long it lasts. Staff learn how long, and not how much.
func (h *handlers) creditsLeft(
	ctx context.Context, id domain.AccountID, alerts account.Alerts, now time.Time,
) (api.CreditsLeft, error) {
	books, _, err := commands.Load(ctx, h.Engine, credit.Decider, credit.StreamOf(id))
	if err != nil {
		return api.CreditsLeft{}, err
	}
	spent, err := h.Reader.Messages.Spent(ctx, id, now.AddDate(0, 0, -usedDays))
	if err != nil {
		return api.CreditsLeft{}, err
	}
	available := books.At(now).Available()
	left := api.CreditsLeft{Low: alerts.CreditsBelow > 0 && available < alerts.CreditsBelow}
	if perDay := spent / usedDays; perDay > 0 {
		days := int(max(available, 0) / perDay)
		left.Days, left.Low = &days, left.Low || days < fewDays
		left.PerDayMicro = perDay
	}
	left.AvailableMicro = &available
	if middleware.CallerOf(ctx).Role == access.Staff {
		left.AvailableMicro, left.PerDayMicro = nil, 0
	}
	return left, nil
}
