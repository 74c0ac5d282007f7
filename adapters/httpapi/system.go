package httpapi

import (
	"context"
	"runtime"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/domain/zones"
)

const simulatedNotice = "texts are simulated until a real provider is configured; none leaves this machine"

// providerMode reports whether texts are really sent.
func (h *handlers) providerMode() api.Carriers {
	if h.Simulated {
		return api.CarriersSimulated
	}
	return api.CarriersReal
}

func (h *handlers) Health(context.Context, api.HealthRequestObject) (api.HealthResponseObject, error) {
	health := api.Health{Status: api.HealthStatusServing, Carriers: h.providerMode()}
	if h.Simulated {
		health.Notice = simulatedNotice
	}
	if h.Waiting != nil {
		if transaction, seconds, waits := h.Waiting(); waits {
			health.Waiting = api.Waiting{Transaction: transaction, Seconds: seconds}
		}
	}
	if h.Troubles != nil {
		for _, trouble := range h.Troubles.List() {
			health.Status = api.HealthStatusDegraded
			health.Troubles = append(health.Troubles, api.Trouble{
				Component: trouble.Component, Reason: trouble.Reason, Since: trouble.Since,
			})
		}
	}
	return api.Health200JSONResponse(health), nil
}

func (h *handlers) Version(context.Context, api.VersionRequestObject) (api.VersionResponseObject, error) {
	table := zones.Current()
	return api.Version200JSONResponse{
		Version: h.Build.Version, Revision: h.Build.Revision, Go: runtime.Version(), Carriers: h.providerMode(),
		Zones: api.ZoneTable{Version: table.Version(), Source: table.Source(), Checksum: table.Checksum()},
	}, nil
}

func (h *handlers) Whoami(ctx context.Context, _ api.WhoamiRequestObject) (api.WhoamiResponseObject, error) {
	caller := middleware.CallerOf(ctx)
	return api.Whoami200JSONResponse{
		Prefix: caller.Prefix, Role: api.Role(caller.Role), Account: caller.Account.UUID, Label: caller.Label,
	}, nil
}
