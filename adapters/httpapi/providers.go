package httpapi

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/projections/directory"
)

func (h *handlers) DisableProvider(
	ctx context.Context, r api.DisableProviderRequestObject,
) (api.DisableProviderResponseObject, error) {
	outcome, err := h.run(ctx, provider.Disable{Provider: r.Provider, Reason: r.Body.Reason})
	return api.DisableProvider200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

func (h *handlers) EnableProvider(
	ctx context.Context, r api.EnableProviderRequestObject,
) (api.EnableProviderResponseObject, error) {
	outcome, err := h.run(ctx, provider.Enable{Provider: r.Provider})
	return api.EnableProvider200JSONResponse{DoneJSONResponse: done(name(r.Provider), outcome)}, err
}

func (h *handlers) SetRoute(ctx context.Context, r api.SetRouteRequestObject) (api.SetRouteResponseObject, error) {
	if err := h.checkProviders(ctx, "providers", r.Body.Providers); err != nil {
		return nil, err
	}
	set := route.Set{Country: r.Country, Providers: r.Body.Providers, Terms: termsOf(*r.Body)}
	if err := h.checkSenders(ctx, set); err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, set)
	return api.SetRoute200JSONResponse{DoneJSONResponse: done(name(r.Country), outcome)}, err
}

func (h *handlers) SwitchRoute(
	ctx context.Context, r api.SwitchRouteRequestObject,
) (api.SwitchRouteResponseObject, error) {
	first, _, err := commands.Load(ctx, h.Engine, provider.Decider, provider.Stream(r.Body.Provider))
	switch {
	case err != nil:
		return nil, err
	case first.Kind != "" && first.Disabled:
		return nil, errProviderDisabled
	}
	outcome, err := h.run(ctx, route.Switch{
		Country: r.Country, Provider: r.Body.Provider, By: byOperator, Reason: r.Body.Reason,
		At: h.Clock(), Until: r.Body.Until,
	})
	return api.SwitchRoute200JSONResponse{DoneJSONResponse: done(name(r.Country), outcome)}, err
}

var errProviderDisabled = domain.Refuse(domain.Disallowed, "provider_disabled",
	"this provider is disabled, so it would not be tried; enable it first")

func (h *handlers) RestoreRoute(
	ctx context.Context, r api.RestoreRouteRequestObject,
) (api.RestoreRouteResponseObject, error) {
	outcome, err := h.run(ctx, route.Restore{Country: r.Country, By: byOperator, Reason: r.Body.Reason})
	return api.RestoreRoute200JSONResponse{DoneJSONResponse: done(name(r.Country), outcome)}, err
}

const byOperator = "operator"

// warmWeight is what a provider after the first gets if the caller does not say, in thousandths.
const warmWeight = 10

// termsOf returns the terms of a route: those of the caller, or the usual ones.
func termsOf(body api.RouteTerms) []route.Term {
	if len(body.Terms) > 0 {
		return each(body.Terms, func(term api.RouteTerm) route.Term {
			return route.Term{Provider: term.Provider, Weight: term.Weight, Sender: term.Sender}
		})
	}
	terms := make([]route.Term, len(body.Providers))
	for i, provider := range body.Providers {
		terms[i] = route.Term{Provider: provider, Weight: warmWeight}
	}
	if len(terms) > 0 {
		terms[0].Weight = 1000 - warmWeight*(len(terms)-1)
	}
	return terms
}

// checkSenders refuses senders that a provider or the country does not allow.
func (h *handlers) checkSenders(ctx context.Context, set route.Set) error {
	at, invalid, err := h.Carriers.CheckSenders(set.Country, set.Terms, func(name string) (provider.State, error) {
		known, _, err := commands.Load(ctx, h.Engine, provider.Decider, provider.Stream(name))
		return known, err
	})
	if invalid != nil {
		return problem.Invalid(fmt.Sprintf("terms.%d.sender", at), "%s", invalid)
	}
	return err
}

// checkProviders refuses a name that no provider has: the list in the field would do nothing, or less than it says.
func (h *handlers) checkProviders(ctx context.Context, field string, names []string) error {
	for i, one := range names {
		state, _, err := commands.Load(ctx, h.Engine, provider.Decider, provider.Stream(one))
		if err != nil {
			return err
		}
		if state.Kind == "" {
			return problem.Invalid(fmt.Sprintf("%s.%d", field, i),
				"no provider is called %q; GET /providers lists them, or register it first", one)
		}
	}
	return nil
}

func (h *handlers) ListProviders(
	ctx context.Context, _ api.ListProvidersRequestObject,
) (api.ListProvidersResponseObject, error) {
	found, err := h.Reader.Providers.All(ctx)
	if err != nil {
		return nil, err
	}
	items := make([]api.Provider, len(found))
	for i, one := range found {
		if items[i], err = h.shownProvider(ctx, one); err != nil {
			return nil, err
		}
	}
	return api.ListProviders200JSONResponse{Carriers: h.providerMode(), Items: items}, nil
}

// dots is the value of every secret that is shown.
const dots = "•••"

func (h *handlers) shownProvider(ctx context.Context, one directory.Provider) (api.Provider, error) {
	counts := h.Carriers.Counts(one.Name)
	shown := api.Provider{
		Provider: one.Name, Revision: int64(one.Revision), Kind: one.Kind, Label: one.Label, Enabled: !one.Disabled,
		Reason: one.Reason, ReceiptsUrl: h.Carriers.Address(one.Name, sms.Receipts),
		InboundUrl: h.Carriers.Address(one.Name, sms.Inbound),
		Calls: api.ProviderCalls{
			Receipts: counts.Receipts, Inbound: counts.Inbound, Unknown: counts.Unknown, Forged: counts.Forged,
			Malformed: counts.Malformed, Unmatched: counts.Unmatched,
		},
	}
	for _, setting := range one.Settings {
		if shown.Settings == nil {
			shown.Settings = make(api.ProviderSettings)
		}
		shown.Settings[setting.Name] = setting.Value
	}
	for _, secret := range one.Secrets {
		shown.Secrets = append(shown.Secrets, api.ProviderSecret{
			Name: secret.Name, Value: dots, Valid: secret.Valid, SetAt: secret.SetAt,
		})
	}
	known, _, err := commands.Load(ctx, h.Engine, provider.Decider, provider.Stream(one.Name))
	if err != nil {
		return shown, err
	}
	opened, err := h.Carriers.Open(one.Name, known)
	if err != nil {
		shown.Problems = strings.Split(err.Error(), "\n")
	}
	if codes, ok := opened.(sms.MapsCodes); ok {
		shown.Calls.Unmapped = codes.Unmapped()
	}
	return shown, nil
}

func (h *handlers) ListRoutes(
	ctx context.Context, _ api.ListRoutesRequestObject,
) (api.ListRoutesResponseObject, error) {
	found, err := h.Reader.Providers.Routes(ctx)
	now := h.Clock()
	shown := func(one directory.Route) api.Route { return shownRoute(one, now) }
	return api.ListRoutes200JSONResponse{Items: each(found, shown)}, err
}

func shownRoute(one directory.Route, now time.Time) api.Route {
	if !one.Until.IsZero() && !now.Before(one.Until) { // the switch has expired
		one.Switched = ""
		one.Order = slices.DeleteFunc(slices.Clone(one.Set), func(name string) bool {
			return !slices.Contains(one.Order, name)
		})
	}
	shown := api.Route{
		Country: one.Country, Revision: int64(one.Revision), Providers: one.Order, Set: one.Set, Reason: one.Reason,
		ChangedBy: one.ChangedBy, ChangedAt: one.ChangedAt,
	}
	if one.Switched != "" {
		shown.SwitchedTo, shown.SwitchedBy, shown.SwitchedAt = one.Switched, one.ChangedBy, one.ChangedAt
		shown.SwitchedUntil = one.Until
	}
	for _, term := range one.Terms {
		shown.Terms = append(shown.Terms, api.RouteTerm{Provider: term.Provider, Weight: term.Weight, Sender: term.Sender})
	}
	return shown
}
