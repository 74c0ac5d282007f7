package httpapi

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (h *handlers) ShowProviderHealth(
	ctx context.Context, _ api.ShowProviderHealthRequestObject,
) (api.ShowProviderHealthResponseObject, error) {
	shown := api.ProviderHealth{Items: []api.CellHealth{}}
	if h.CellHealth == nil {
		return api.ShowProviderHealth200JSONResponse(shown), nil
	}
	forced, err := h.Reader.Outages.Overrides(ctx, h.Engine.Now())
	if err != nil {
		return nil, err
	}
	latencies, err := h.latencies(ctx)
	for _, cell := range h.CellHealth() {
		one := shownHealth(cell)
		for _, override := range forced {
			if override.Cell.Same(outage.Cell(cell.Cell)) {
				one.Override = api.CellOverrideMode(override.Mode)
			}
		}
		if line, ok := latencies[cell.Cell]; ok {
			one.LatencyP50S = int(line.Latency(0.5) / time.Second)
			one.LatencyP90S = int(line.Latency(0.9) / time.Second)
			one.LatencyP99S = int(line.Latency(0.99) / time.Second)
		}
		shown.Items = append(shown.Items, one)
	}
	return api.ShowProviderHealth200JSONResponse(shown), err
}

// latencies returns the deliveries of yesterday and today (UTC), by provider and by country.
func (h *handlers) latencies(ctx context.Context) (map[outagedetect.Cell]projections.Delivery, error) {
	today := h.Engine.Now().Truncate(24 * time.Hour)
	days := domain.Interval{Start: today.AddDate(0, 0, -1), End: today.AddDate(0, 0, 1)}
	lines := make(map[outagedetect.Cell]projections.Delivery)
	for _, by := range []projections.By{{Provider: true}, {Provider: true, Country: true}} {
		found, err := h.Reader.Deliveries.Report(ctx, projections.DeliveryFilter{Days: days, By: by})
		if err != nil {
			return nil, err
		}
		for _, line := range found {
			lines[outagedetect.CellOf(line.Provider, line.Country, "")] = line
		}
	}
	return lines, nil
}

// outageTrouble returns the trouble that confirmed outages are. It names no provider: everybody may read the health.
func (h *handlers) outageTrouble(ctx context.Context) (api.Trouble, bool) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	found, err := h.Reader.Outages.Page(ctx, projections.OutageFilter{State: "confirmed"}, readmodel.Cursor{}, maxBands)
	if err != nil || len(found) == 0 {
		return api.Trouble{}, false
	}
	return api.Trouble{
		Component: "providers", Since: found[len(found)-1].ChangePoint,
		Reason: fmt.Sprintf("texts are delayed or lost in %d confirmed outages: GET /outages lists them", len(found)),
	}, true
}

func shownHealth(cell outagedetect.Health) api.CellHealth {
	shown := api.CellHealth{
		Cell: shownCell(outage.Cell(cell.Cell)), State: api.CellHealthState(cell.State.String()), Since: cell.Since,
		ChangePoint: cell.ChangePoint, Cause: api.OutageCause(cell.Cause), PerHour: cell.PerHour, Usual: cell.Usual,
		UsualWithinS: int(cell.UsualWithin / time.Second), Score: cell.S,
	}
	if !math.IsNaN(cell.Delivered) {
		shown.Delivered = cell.Delivered
	}
	return shown
}
