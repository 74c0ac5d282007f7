package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/service"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (h *handlers) DefineService(
	ctx context.Context, r api.DefineServiceRequestObject,
) (api.DefineServiceResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	id, err := middleware.NewID[domain.ServiceID](ctx, "service")
	if err != nil {
		return nil, err
	}
	outcome, err := h.runService(ctx, r.Account, service.Define{
		Service: id, Account: domain.AccountID{UUID: r.Account}, Policy: parsePolicy(*r.Body),
	})
	return api.DefineService201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

func (h *handlers) ListServices(
	ctx context.Context, r api.ListServicesRequestObject,
) (api.ListServicesResponseObject, error) {
	var after readmodel.NameCursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Services.Page(ctx, domain.AccountID{UUID: r.Account}, after, request.rows())
	items, next := page(ctx, h, request, found, directory.Service.Cursor)
	return api.ListServices200JSONResponse{Items: each(items, shownService), Next: next}, err
}

func (h *handlers) ShowService(
	ctx context.Context, r api.ShowServiceRequestObject,
) (api.ShowServiceResponseObject, error) {
	found, ok, err := h.Reader.Services.One(ctx, domain.AccountID{UUID: r.Account}, domain.ServiceID{UUID: r.Service})
	if err == nil && !ok {
		err = service.ErrUnknown
	}
	return api.ShowService200JSONResponse{
		Body: shownService(found), Headers: api.ShowService200ResponseHeaders{ETag: etag(found.Revision)},
	}, err
}

func (h *handlers) ChangeService(
	ctx context.Context, r api.ChangeServiceRequestObject,
) (api.ChangeServiceResponseObject, error) {
	id := domain.ServiceID{UUID: r.Service}
	outcome, err := h.runService(ctx, r.Account, service.Change{Service: id, Policy: parsePolicy(*r.Body)})
	return api.ChangeService200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) ReinstateService(
	ctx context.Context, r api.ReinstateServiceRequestObject,
) (api.ReinstateServiceResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	id := domain.ServiceID{UUID: r.Service}
	outcome, err := h.run(ctx, service.Reinstate{Service: id})
	return api.ReinstateService200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) RetireService(
	ctx context.Context, r api.RetireServiceRequestObject,
) (api.RetireServiceResponseObject, error) {
	id := domain.ServiceID{UUID: r.Service}
	outcome, err := h.run(ctx, service.Retire{Service: id})
	if err != nil {
		return nil, err
	}
	answer, err := h.takenAway(ctx, r.Account, id, outcome, booking.Touching{Service: id})
	return api.RetireService200JSONResponse{DoneJSONResponse: answer}, err
}

// runService is run for a command that gives a service a policy. It refuses resources that the account does not have.
// A repeated command changes nothing, so it does not look at them again.
func (h *handlers) runService(ctx context.Context, owner uuid.UUID, cmd service.Command) (commands.Outcome, error) {
	account := domain.AccountID{UUID: owner}
	state, _, err := commands.Load(ctx, h.Engine, service.Decider, cmd.Stream())
	if err != nil {
		return commands.Outcome{}, err
	}
	if state.Version > 0 && state.Account != account {
		return h.run(ctx, cmd) // which refuses it
	}
	events, _ := service.Decide(state, cmd) // run returns the refusal
	for _, event := range events {
		if err := h.Booking.Openings.CheckChoices(ctx, account, policyOf(event)); err != nil {
			return commands.Outcome{}, err
		}
	}
	return h.run(ctx, cmd)
}

func policyOf(event service.Event) service.Policy {
	switch e := event.(type) {
	case service.ServiceDefined:
		return e.Policy
	case service.ServiceChanged:
		return e.Policy
	}
	return service.Policy{}
}

func parsePolicy(given api.ServicePolicy) service.Policy {
	return service.Policy{
		Name: given.Name, DurationMin: given.DurationMin, IntervalMin: given.IntervalMin, OffsetMin: given.OffsetMin,
		BufferBeforeMin: given.BufferBeforeMin, BufferAfterMin: given.BufferAfterMin, Packing: string(given.Packing),
		ConsecutiveOnly: given.ConsecutiveOnly, MinNoticeMin: given.MinNoticeMin, HorizonDays: given.HorizonDays,
		PerDay: given.PerDay, PerWeek: given.PerWeek, PerClient: given.PerClient,
		MoveCutoffMin: given.MoveCutoffMin, CancelCutoffMin: given.CancelCutoffMin,
		PriceText: given.PriceText,
		Requirements: each(given.Requirements, func(one api.Requirement) service.Requirement {
			return service.Requirement{AnyOf: each(one.AnyOf, func(choice api.Choice) service.Choice {
				return service.Choice{Resource: domain.ResourceID{UUID: choice.Resource}, Units: choice.Units}
			})}
		}),
	}
}

func shownService(one directory.Service) api.Service {
	policy := one.Policy
	return api.Service{
		Id: one.ID.UUID, Revision: int64(one.Revision), Version: one.Version, Retired: one.Retired,
		Policy: api.ServicePolicy{
			Name: policy.Name, DurationMin: policy.DurationMin, IntervalMin: policy.IntervalMin,
			OffsetMin: policy.OffsetMin, BufferBeforeMin: policy.BufferBeforeMin, BufferAfterMin: policy.BufferAfterMin,
			Packing: api.ServicePolicyPacking(policy.Packing), ConsecutiveOnly: policy.ConsecutiveOnly,
			MinNoticeMin: policy.MinNoticeMin, HorizonDays: policy.HorizonDays, PerDay: policy.PerDay,
			PerWeek: policy.PerWeek, PerClient: policy.PerClient,
			MoveCutoffMin: policy.MoveCutoffMin, CancelCutoffMin: policy.CancelCutoffMin, PriceText: policy.PriceText,
			Requirements: each(policy.Requirements, func(one service.Requirement) api.Requirement {
				return api.Requirement{AnyOf: each(one.AnyOf, func(choice service.Choice) api.Choice {
					return api.Choice{Resource: choice.Resource.UUID, Units: choice.Units}
				})}
			}),
		},
	}
}

func (h *handlers) ListStarts(
	ctx context.Context, r api.ListStartsRequestObject,
) (api.ListStartsResponseObject, error) {
	zone, err := zoneOf(ctx)
	if err != nil {
		return nil, err
	}
	found, err := h.Booking.Openings.Between(ctx, h.question(r.Account, r.Service, r.Params.Resource), domain.Interval{
		Start: midnight(r.Params.From.Time, zone), End: midnight(r.Params.To.Time, zone),
	})
	if err != nil {
		return nil, err
	}
	return startList{zone, found, true}, nil
}

func (h *handlers) ExplainStart(
	ctx context.Context, r api.ExplainStartRequestObject,
) (api.ExplainStartResponseObject, error) {
	start, err := instantOf(ctx, "at", r.Params.At, r.Params.Local)
	if err != nil {
		return nil, err
	}
	question, at := h.question(r.Account, r.Service, r.Params.Resource), start.At
	reasons, err := h.Booking.Openings.Explain(ctx, question, at)
	if err != nil {
		return nil, err
	}
	explanation := api.Explanation{
		Start: at, Bookable: len(reasons) == 0, Ambiguous: start.Ambiguous,
		Reasons: each(reasons, func(reason availability.Reason) api.WhyNot { return h.whyNot(ctx, reason) }),
	}
	if explanation.Bookable {
		visit, _, err := h.Booking.Openings.Visit(ctx, question, at)
		if err != nil {
			return nil, err
		}
		explanation.Resources = each(visit.Legs, func(leg appointment.Leg) uuid.UUID { return leg.Resource.UUID })
	}
	return api.ExplainStart200JSONResponse(explanation), nil
}

func (h *handlers) whyNot(ctx context.Context, reason availability.Reason) api.WhyNot {
	why := api.WhyNot{Code: string(reason.Code), Sentence: h.sentence(ctx, reason)}
	if id, err := domain.ParseID[domain.ResourceID](reason.Resource); err == nil {
		why.Resource = id.UUID
	}
	return why
}

// question asks about the starts of a service as they are now.
func (h *handlers) question(account, service, resource uuid.UUID) openings.Question {
	return openings.Question{
		Account: domain.AccountID{UUID: account}, Service: domain.ServiceID{UUID: service},
		Resource: domain.ResourceID{UUID: resource}, Now: h.Engine.Now(),
	}
}

// zoneOf returns the zone of the account in the path.
func zoneOf(ctx context.Context) (*time.Location, error) {
	return domain.ParseZone(middleware.AccountOf(ctx).Zone)
}

// midnight returns when a date begins in a zone.
func midnight(date time.Time, zone *time.Location) time.Time {
	return availability.DateAt(date, time.UTC).Start(zone).UTC()
}
