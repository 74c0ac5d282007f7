package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections/directory"
)

// Providers is what the API asks about who carries texts.
type Providers interface {
	All(ctx context.Context) ([]directory.Provider, error)
	Routes(ctx context.Context) ([]directory.Route, error)
}

func (a *api) RegisterProvider(
	ctx context.Context, r RegisterProviderRequestObject,
) (RegisterProviderResponseObject, error) {
	outcome, err := a.run(ctx, provider.Register{
		Provider: r.Body.Provider, Kind: string(r.Body.Kind), Label: r.Body.Label,
	})
	return RegisterProvider201JSONResponse{created(name(r.Body.Provider), outcome)}, err
}

func (a *api) DisableProvider(
	ctx context.Context, r DisableProviderRequestObject,
) (DisableProviderResponseObject, error) {
	outcome, err := a.run(ctx, provider.Disable{Provider: r.Provider, Reason: r.Body.Reason})
	return DisableProvider200JSONResponse{done(name(r.Provider), outcome)}, err
}

func (a *api) EnableProvider(
	ctx context.Context, r EnableProviderRequestObject,
) (EnableProviderResponseObject, error) {
	outcome, err := a.run(ctx, provider.Enable{Provider: r.Provider})
	return EnableProvider200JSONResponse{done(name(r.Provider), outcome)}, err
}

func (a *api) SetRoute(ctx context.Context, r SetRouteRequestObject) (SetRouteResponseObject, error) {
	outcome, err := a.run(ctx, route.Set{Country: r.Country, Providers: r.Body.Providers})
	return SetRoute200JSONResponse{done(name(r.Country), outcome)}, err
}

func (a *api) SwitchRoute(ctx context.Context, r SwitchRouteRequestObject) (SwitchRouteResponseObject, error) {
	outcome, err := a.run(ctx, route.Switch{
		Country: r.Country, Provider: r.Body.Provider, By: byOperator, Reason: r.Body.Reason,
	})
	return SwitchRoute200JSONResponse{done(name(r.Country), outcome)}, err
}

func (a *api) RestoreRoute(ctx context.Context, r RestoreRouteRequestObject) (RestoreRouteResponseObject, error) {
	outcome, err := a.run(ctx, route.Restore{Country: r.Country, By: byOperator, Reason: r.Body.Reason})
	return RestoreRoute200JSONResponse{done(name(r.Country), outcome)}, err
}

const byOperator = "operator"

// name is an id that is a plain text.
type name string

func (n name) String() string { return string(n) }

func (a *api) ListProviders(
	ctx context.Context, _ ListProvidersRequestObject,
) (ListProvidersResponseObject, error) {
	found, err := a.Providers.All(ctx)
	return ListProviders200JSONResponse{Carriers: a.carriers(), Items: each(found, shownProvider)}, err
}

func shownProvider(one directory.Provider) Provider {
	return Provider{
		Provider: one.Name, Revision: int64(one.Revision), Kind: one.Kind, Label: one.Label, Enabled: !one.Disabled,
		Reason: one.Reason,
	}
}

func (a *api) ListRoutes(ctx context.Context, _ ListRoutesRequestObject) (ListRoutesResponseObject, error) {
	found, err := a.Providers.Routes(ctx)
	return ListRoutes200JSONResponse{Items: each(found, shownRoute)}, err
}

func shownRoute(one directory.Route) Route {
	return Route{
		Country: one.Country, Revision: int64(one.Revision), Providers: one.Order, Set: one.Set,
		SwitchedTo: one.Switched, Reason: one.Reason,
	}
}
