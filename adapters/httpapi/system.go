package httpapi

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

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

func (h *handlers) Health(ctx context.Context, _ api.HealthRequestObject) (api.HealthResponseObject, error) {
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
	if unserved := h.unserved(ctx); len(unserved) > 0 {
		health.Status = api.HealthStatusDegraded
		health.Troubles = append(health.Troubles, api.Trouble{Component: "routes", Reason: fmt.Sprintf(
			"no provider is left for texts to %s: enable one of the route, or set the route", strings.Join(unserved, ", "))})
	}
	if trouble, ok := h.outageTrouble(ctx); ok {
		health.Status = api.HealthStatusDegraded
		health.Troubles = append(health.Troubles, trouble)
	}
	return api.Health200JSONResponse(health), nil
}

// healthTimeout bounds how long a check of the health waits for the read models.
const healthTimeout = time.Second

// unserved returns the countries that no enabled provider serves, ZZ for all others. If the read models cannot say so,
// that is a trouble of its own, which is listed elsewhere.
func (h *handlers) unserved(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	countries, err := h.Reader.Providers.Unserved(ctx)
	if err != nil {
		return nil
	}
	return countries
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
		Prefix: caller.Key, Role: api.Role(caller.Role), Account: caller.Account.UUID, Label: caller.Label,
		Member: caller.Member.UUID, Name: caller.Person, Email: caller.Email, Resource: caller.Resource.UUID,
		Session: caller.Session, Now: h.Engine.Now(),
	}, nil
}
