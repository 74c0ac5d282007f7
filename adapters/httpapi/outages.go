package httpapi

import (
	"context"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

var errOutageUnknown = domain.Refuse(domain.Unknown, "outage_unknown", "there is no such outage; look up its id")

func (h *handlers) ListOutages(
	ctx context.Context, r api.ListOutagesRequestObject,
) (api.ListOutagesResponseObject, error) {
	var after readmodel.Cursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Outages.Page(ctx, projections.OutageFilter{
		Provider: r.Params.Provider, State: string(r.Params.State),
		During: domain.Interval{Start: r.Params.From, End: r.Params.To},
	}, after, request.rows())
	items, next := page(ctx, h, request, found, projections.Outage.Cursor)
	return api.ListOutages200JSONResponse{Items: each(items, shownOutage), Next: next}, err
}

func (h *handlers) ShowOutage(
	ctx context.Context, r api.ShowOutageRequestObject,
) (api.ShowOutageResponseObject, error) {
	found, ok, err := h.Reader.Outages.One(ctx, domain.OutageID{UUID: r.Outage})
	if err == nil && !ok {
		err = errOutageUnknown
	}
	if err != nil {
		return nil, err
	}
	affected, err := h.Reader.Outages.Affected(ctx, found)
	if err != nil {
		return nil, err
	}
	story := api.OutageStory{Outage: shownOutage(found), Affected: affected, Overrides: []api.CellOverride{}}
	if story.Story, err = h.storyOf(ctx, found); err != nil {
		return nil, err
	}
	forced, err := h.Reader.Outages.Overrides(ctx, h.Engine.Now())
	for _, one := range forced {
		if one.Cell.Provider == found.Cell.Provider {
			story.Overrides = append(story.Overrides, shownCellOverride(one))
		}
	}
	return api.ShowOutage200JSONResponse(story), err
}

func (h *handlers) ListOverrides(
	ctx context.Context, _ api.ListOverridesRequestObject,
) (api.ListOverridesResponseObject, error) {
	found, err := h.Reader.Outages.Overrides(ctx, h.Engine.Now())
	return api.ListOverrides200JSONResponse{Items: each(found, shownCellOverride)}, err
}

func (h *handlers) OverrideCell(
	ctx context.Context, r api.OverrideCellRequestObject,
) (api.OverrideCellResponseObject, error) {
	if err := h.checkProviders(ctx, "provider", []string{r.Provider}); err != nil {
		return nil, err
	}
	cell, err := placeOf(r.Provider, r.Body.Region, r.Body.Country, r.Body.Network)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, outage.OverrideCell{
		Cell: cell, Mode: outage.Mode(r.Body.Mode), Reason: r.Body.Reason, Until: r.Body.Until, At: h.Engine.Now(),
	})
	return api.OverrideCell200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

func (h *handlers) EndOverride(
	ctx context.Context, r api.EndOverrideRequestObject,
) (api.EndOverrideResponseObject, error) {
	cell, err := placeOf(r.Provider, r.Params.Region, r.Params.Country, r.Params.Network)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, outage.EndOverride{Cell: cell, At: h.Engine.Now()})
	return api.EndOverride200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

// placeOf returns the cell that a request names. The region of a country is known.
func placeOf(provider, region, country, network string) (outage.Cell, error) {
	switch {
	case country == "" && network != "":
		return outage.Cell{}, problem.Invalid("network", "a network needs its country: give both")
	case country == "":
		return outage.Cell{Provider: provider, Region: region}, nil
	case region != "" && region != outagedetect.Region(country):
		return outage.Cell{}, problem.Invalid("region", "%s is in region %s; leave the region out", country,
			outagedetect.Region(country))
	}
	return outage.Cell(outagedetect.CellOf(provider, country, network)), nil
}

// maxBands bounds the outages in a report.
const maxBands = 100

// bands returns the confirmed outages that overlap a report.
func (h *handlers) bands(ctx context.Context, filter projections.DeliveryFilter) ([]api.OutageBand, error) {
	found, err := h.Reader.Outages.Page(ctx, projections.OutageFilter{
		Provider: filter.Provider, During: filter.Days,
	}, readmodel.Cursor{}, maxBands)
	var bands []api.OutageBand
	for _, one := range found {
		country := one.Cell.Country
		if one.DetectedAt.IsZero() || filter.Country != "" && country != "" && country != filter.Country {
			continue
		}
		bands = append(bands, api.OutageBand{
			Id: one.ID.UUID, Cell: shownCell(one.Cell), State: api.OutageState(one.State),
			Cause: api.OutageCause(one.Cause), ChangePoint: one.ChangePoint, ClearedAt: one.ClearedAt,
		})
	}
	return bands, err
}

func shownCell(c outage.Cell) api.Cell {
	return api.Cell{Provider: c.Provider, Region: c.Region, Country: c.Country, Network: c.Network}
}

func shownOutage(one projections.Outage) api.Outage {
	e := one.Evidence
	shown := api.Outage{
		Id: one.ID.UUID, Cell: shownCell(one.Cell), State: api.OutageState(one.State), Cause: api.OutageCause(one.Cause),
		ChangePoint: one.ChangePoint, SuspectedAt: one.SuspectedAt, DetectedAt: one.DetectedAt, ClearedAt: one.ClearedAt,
		Evidence: api.OutageEvidence{
			Messages: e.Messages, Failed: e.Failed, Silent: e.Silent, Accounts: e.Accounts, Numbers: e.Numbers,
			Score: float64(e.ScoreMilli) / 1000, Polled: e.Polled, Arrived: e.Arrived,
		},
	}
	if id, err := uuid.Parse(one.Window); err == nil {
		shown.Window = id
	}
	return shown
}

func shownCellOverride(one projections.CellOverride) api.CellOverride {
	return api.CellOverride{
		Cell: shownCell(one.Cell), Mode: api.CellOverrideMode(one.Mode), Reason: one.Reason, Until: one.Until,
		Since: one.At, By: one.By,
	}
}
