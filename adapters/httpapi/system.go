package httpapi

import (
	"context"
	"runtime"
)

const simulatedNotice = "texts are simulated until a real provider is configured; none leaves this machine"

// carriers says whether texts really go out.
func (a *api) carriers() Carriers {
	if a.Simulated {
		return CarriersSimulated
	}
	return CarriersReal
}

func (a *api) Health(context.Context, HealthRequestObject) (HealthResponseObject, error) {
	health := Health{Status: HealthStatusServing, Carriers: a.carriers()}
	if a.Simulated {
		health.Notice = simulatedNotice
	}
	if a.Waiting != nil {
		if transaction, seconds, waits := a.Waiting(); waits {
			health.Waiting = Waiting{Transaction: transaction, Seconds: seconds}
		}
	}
	return Health200JSONResponse(health), nil
}

func (a *api) Version(context.Context, VersionRequestObject) (VersionResponseObject, error) {
	return Version200JSONResponse{
		Version: a.Build.Version, Revision: a.Build.Revision, Go: runtime.Version(), Carriers: a.carriers(),
	}, nil
}

func (a *api) Whoami(ctx context.Context, _ WhoamiRequestObject) (WhoamiResponseObject, error) {
	caller := callerOf(ctx)
	return Whoami200JSONResponse{
		Prefix: caller.Prefix, Role: Role(caller.Role), Account: caller.Account.UUID, Label: caller.Label,
	}, nil
}
