package httpapi

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections/directory"
)

// Services is what the API asks about what can be booked.
type Services interface {
	One(ctx context.Context, account domain.AccountID, id domain.ServiceID) (directory.Service, bool, error)
	All(ctx context.Context, account domain.AccountID) ([]directory.Service, error)
}

func (a *api) DefineService(ctx context.Context, r DefineServiceRequestObject) (DefineServiceResponseObject, error) {
	if _, err := a.opened(ctx, r.Account); err != nil {
		return nil, err
	}
	id, err := newID[domain.ServiceID](ctx, "service")
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, service.Define{
		Service: id, Account: domain.AccountID{UUID: r.Account}, Policy: parsePolicy(*r.Body),
	})
	return DefineService201JSONResponse{created(id, outcome)}, err
}

func (a *api) ListServices(ctx context.Context, r ListServicesRequestObject) (ListServicesResponseObject, error) {
	found, err := a.Services.All(ctx, domain.AccountID{UUID: r.Account})
	if err != nil {
		return nil, err
	}
	items, next, err := pageAfter(found, r.Params.Cursor, r.Params.Limit,
		func(one directory.Service) string { return one.ID.String() })
	return ListServices200JSONResponse{Items: each(items, shownService), Next: next}, err
}

func (a *api) ShowService(ctx context.Context, r ShowServiceRequestObject) (ShowServiceResponseObject, error) {
	found, ok, err := a.Services.One(ctx, domain.AccountID{UUID: r.Account}, domain.ServiceID{UUID: r.Service})
	if err == nil && !ok {
		err = service.ErrUnknown
	}
	return ShowService200JSONResponse{shownService(found), ShowService200ResponseHeaders{etag(found.Revision)}}, err
}

func (a *api) ChangeService(ctx context.Context, r ChangeServiceRequestObject) (ChangeServiceResponseObject, error) {
	id := domain.ServiceID{UUID: r.Service}
	outcome, err := a.run(ctx, service.Change{Service: id, Policy: parsePolicy(*r.Body)})
	return ChangeService200JSONResponse{done(id, outcome)}, err
}

func (a *api) RetireService(ctx context.Context, r RetireServiceRequestObject) (RetireServiceResponseObject, error) {
	id := domain.ServiceID{UUID: r.Service}
	outcome, err := a.run(ctx, service.Retire{Service: id})
	return RetireService200JSONResponse{done(id, outcome)}, err
}

func parsePolicy(given ServicePolicy) service.Policy {
	return service.Policy{
		Name: given.Name, DurationMin: given.DurationMin, IntervalMin: given.IntervalMin, OffsetMin: given.OffsetMin,
		BufferBeforeMin: given.BufferBeforeMin, BufferAfterMin: given.BufferAfterMin, Packing: string(given.Packing),
		ConsecutiveOnly: given.ConsecutiveOnly, MinNoticeMin: given.MinNoticeMin, HorizonDays: given.HorizonDays,
		PerDay: given.PerDay, MoveCutoffMin: given.MoveCutoffMin, CancelCutoffMin: given.CancelCutoffMin,
		PriceText: given.PriceText,
		Requirements: each(given.Requirements, func(one Requirement) service.Requirement {
			return service.Requirement{AnyOf: each(one.AnyOf, func(choice Choice) service.Choice {
				return service.Choice{Resource: domain.ResourceID{UUID: choice.Resource}, Units: choice.Units}
			})}
		}),
	}
}

func shownService(one directory.Service) Service {
	policy := one.Policy
	return Service{
		Id: one.ID.UUID, Revision: int64(one.Revision), Version: one.Version, Retired: one.Retired,
		Policy: ServicePolicy{
			Name: policy.Name, DurationMin: policy.DurationMin, IntervalMin: policy.IntervalMin,
			OffsetMin: policy.OffsetMin, BufferBeforeMin: policy.BufferBeforeMin, BufferAfterMin: policy.BufferAfterMin,
			Packing: ServicePolicyPacking(policy.Packing), ConsecutiveOnly: policy.ConsecutiveOnly,
			MinNoticeMin: policy.MinNoticeMin, HorizonDays: policy.HorizonDays, PerDay: policy.PerDay,
			MoveCutoffMin: policy.MoveCutoffMin, CancelCutoffMin: policy.CancelCutoffMin, PriceText: policy.PriceText,
			Requirements: each(policy.Requirements, func(one service.Requirement) Requirement {
				return Requirement{AnyOf: each(one.AnyOf, func(choice service.Choice) Choice {
					return Choice{Resource: choice.Resource.UUID, Units: choice.Units}
				})}
			}),
		},
	}
}
