package httpapi

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections"
)

// consoleParts is how many parts of the last time the console shows.
const consoleParts = 8

func (h *handlers) ShowConsole(
	ctx context.Context, _ api.ShowConsoleRequestObject,
) (api.ShowConsoleResponseObject, error) {
	now := h.Engine.Now()
	since := now.Add(-consoleParts * projections.TrafficPart)
	recent, err := h.Reader.Messages.Recent(ctx, since)
	if err != nil {
		return nil, err
	}
	waiting, err := h.Reader.Messages.WaitingFor(ctx)
	if err != nil {
		return nil, err
	}
	routes, err := h.Reader.Providers.Routes(ctx)
	if err != nil {
		return nil, err
	}
	own := make(map[string]bool)
	countries := make(map[string]*api.ConsoleCountry)
	at := func(country string) *api.ConsoleCountry {
		if countries[country] == nil {
			countries[country] = &api.ConsoleCountry{Country: country, Route: route.Elsewhere, Trend: emptyTrend(since)}
		}
		return countries[country]
	}
	for _, one := range routes {
		own[one.Country] = true
		at(one.Country)
	}
	for country, count := range waiting {
		at(country).Waiting = count
	}
	for _, part := range recent {
		if part.Part < 0 || part.Part >= consoleParts { // a receipt of this moment
			continue
		}
		one := at(part.Country)
		one.Trend[part.Part].Sent, one.Trend[part.Part].Delivered = part.Sent, part.Delivered
		one.Trend[part.Part].Failed = part.Failed
		if part.Part == consoleParts-1 {
			one.Last = api.TrafficCounts{Sent: part.Sent, Delivered: part.Delivered, Failed: part.Failed}
			if part.Delivered > 0 {
				one.TookS = int((part.Took / time.Duration(part.Delivered)).Round(time.Second) / time.Second)
			}
		}
	}
	shown := api.Console{Now: now, Demo: h.Demo != nil, Items: []api.ConsoleCountry{}}
	for _, country := range slices.Sorted(maps.Keys(countries)) {
		one := countries[country]
		if own[country] {
			one.Route = country
		}
		if one.Carrier, err = h.carrierOf(ctx, country, now); err != nil {
			return nil, err
		}
		shown.Items = append(shown.Items, *one)
	}
	return api.ShowConsole200JSONResponse(shown), nil
}

func emptyTrend(since time.Time) []api.TrafficPart {
	trend := make([]api.TrafficPart, consoleParts)
	for i := range trend {
		trend[i].Start = since.Add(time.Duration(i) * projections.TrafficPart)
	}
	return trend
}
