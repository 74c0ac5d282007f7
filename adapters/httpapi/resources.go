package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// blocksBack is how long past time blocks are shown.
const blocksBack = 31 * 24 * time.Hour

// maxListed bounds the time blocks on a page of resources, with the services they name. A page ends after the resource
// that reaches it.
const maxListed = 10_000

func (h *handlers) AddResource(
	ctx context.Context, r api.AddResourceRequestObject,
) (api.AddResourceResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	profile, err := parseProfile(*r.Body)
	if err != nil {
		return nil, err
	}
	id, err := middleware.NewID[domain.ResourceID](ctx, "resource")
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, resource.Add{
		Resource: id, Account: domain.AccountID{UUID: r.Account}, Profile: profile,
	})
	return api.AddResource201JSONResponse{CreatedJSONResponse: created(id, outcome)}, err
}

func parseProfile(given api.ResourceProfile) (resource.Profile, error) {
	profile, err := resource.NewProfile(given.Name, string(given.Kind), given.Units)
	if err != nil {
		return profile, err
	}
	return profile.WithAgenda(given.Email, resource.Agenda{At: given.Agenda.At, Off: given.Agenda.Off})
}

func (h *handlers) ListResources(
	ctx context.Context, r api.ListResourcesRequestObject,
) (api.ListResourcesResponseObject, error) {
	var after readmodel.NameCursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Resources.Page(ctx, domain.AccountID{UUID: r.Account}, after, request.rows())
	items, next := page(ctx, h, request, found, directory.Resource.Cursor)
	if err != nil {
		return nil, err
	}
	shown := []api.Resource{}
	for listed := 0; len(shown) < len(items) && listed < maxListed; {
		one, err := h.shownResource(ctx, items[len(shown)])
		if err != nil {
			return nil, err
		}
		shown = append(shown, one)
		for _, block := range one.Blocks {
			listed += 1 + len(block.Services)
		}
	}
	if len(shown) < len(items) {
		request.size = len(shown)
		_, next = page(ctx, h, request, items, directory.Resource.Cursor)
	}
	return api.ListResources200JSONResponse{Items: shown, Next: next}, nil
}

func (h *handlers) ShowResource(
	ctx context.Context, r api.ShowResourceRequestObject,
) (api.ShowResourceResponseObject, error) {
	found, ok, err := h.Reader.Resources.One(ctx, domain.AccountID{UUID: r.Account}, domain.ResourceID{UUID: r.Resource})
	if err == nil && !ok {
		err = resource.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	shown, err := h.shownResource(ctx, found)
	return api.ShowResource200JSONResponse{
		Body: shown, Headers: api.ShowResource200ResponseHeaders{ETag: etag(found.Revision)},
	}, err
}

func (h *handlers) ChangeResource(
	ctx context.Context, r api.ChangeResourceRequestObject,
) (api.ChangeResourceResponseObject, error) {
	profile, err := parseProfile(*r.Body)
	if err != nil {
		return nil, err
	}
	id := domain.ResourceID{UUID: r.Resource}
	outcome, err := h.run(ctx, resource.Change{Resource: id, Profile: profile})
	return api.ChangeResource200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) ReinstateResource(
	ctx context.Context, r api.ReinstateResourceRequestObject,
) (api.ReinstateResourceResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	id := domain.ResourceID{UUID: r.Resource}
	outcome, err := h.run(ctx, resource.Reinstate{Resource: id})
	return api.ReinstateResource200JSONResponse{DoneJSONResponse: done(id, outcome)}, err
}

func (h *handlers) RetireResource(
	ctx context.Context, r api.RetireResourceRequestObject,
) (api.RetireResourceResponseObject, error) {
	id := domain.ResourceID{UUID: r.Resource}
	outcome, err := h.run(ctx, resource.Retire{Resource: id})
	if err != nil {
		return nil, err
	}
	touching := booking.Touching{Resource: domain.ResourceID{UUID: r.Resource}}
	answer, err := h.takenAway(ctx, r.Account, id, outcome, touching)
	return api.RetireResource200JSONResponse{DoneJSONResponse: answer}, err
}

func (h *handlers) SetWeeklyHours(
	ctx context.Context, r api.SetWeeklyHoursRequestObject,
) (api.SetWeeklyHoursResponseObject, error) {
	id := domain.ResourceID{UUID: r.Resource}
	set, err := resource.NewWeeklyHours(id, r.Body.Zone, each(r.Body.Hours, func(one api.Hours) resource.Hours {
		return resource.Hours{Days: one.Days, From: one.From, To: one.To}
	}))
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, set)
	if err != nil {
		return nil, err
	}
	touching := booking.Touching{Resource: domain.ResourceID{UUID: r.Resource}}
	answer, err := h.takenAway(ctx, r.Account, id, outcome, touching)
	return api.SetWeeklyHours200JSONResponse{DoneJSONResponse: answer}, err
}

func (h *handlers) AddTimeBlock(
	ctx context.Context, r api.AddTimeBlockRequestObject,
) (api.AddTimeBlockResponseObject, error) {
	id, err := middleware.NewID[domain.BlockID](ctx, "block")
	if err != nil {
		return nil, err
	}
	start, err := boundOf(ctx, "start", r.Body.Start, r.Body.LocalStart)
	if err != nil {
		return nil, err
	}
	end, err := boundOf(ctx, "end", r.Body.End, r.Body.LocalEnd)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, resource.AddTimeBlock{
		Resource: domain.ResourceID{UUID: r.Resource}, Block: id,
		TimeBlock: resource.TimeBlock{
			Interval:  domain.Interval{Start: start, End: end},
			Available: r.Body.Available, Replace: r.Body.Replace,
			Services: each(r.Body.Services, func(id uuid.UUID) domain.ServiceID { return domain.ServiceID{UUID: id} }),
		},
	})
	if err != nil {
		return nil, err
	}
	answer := created(id, outcome)
	answer.Body.NeedsAttention, err = h.needing(ctx, domain.AccountID{UUID: r.Account},
		booking.Touching{Resource: domain.ResourceID{UUID: r.Resource}})
	return api.AddTimeBlock201JSONResponse{CreatedJSONResponse: answer}, err
}

// boundOf returns a bound of a time block, which is given as an instant or as a time on the clock of the account.
func boundOf(ctx context.Context, field string, at time.Time, local string) (time.Time, error) {
	if local == "" && !at.IsZero() {
		return at.UTC(), nil
	}
	given, err := instantOf(ctx, field, at, local)
	if refusal, ok := domain.AsRefusal(err); ok && local != "" {
		err = refusal.At("local_" + field)
	}
	return given.At, err
}

func (h *handlers) RemoveTimeBlock(
	ctx context.Context, r api.RemoveTimeBlockRequestObject,
) (api.RemoveTimeBlockResponseObject, error) {
	id := domain.BlockID{UUID: r.Block}
	outcome, err := h.run(ctx, resource.RemoveTimeBlock{Resource: domain.ResourceID{UUID: r.Resource}, Block: id})
	if err != nil {
		return nil, err
	}
	touching := booking.Touching{Resource: domain.ResourceID{UUID: r.Resource}}
	answer, err := h.takenAway(ctx, r.Account, id, outcome, touching)
	return api.RemoveTimeBlock200JSONResponse{DoneJSONResponse: answer}, err
}

func (h *handlers) shownResource(ctx context.Context, one directory.Resource) (api.Resource, error) {
	now := h.Engine.Now()
	zone, err := zoneOf(ctx)
	if err != nil {
		return api.Resource{}, err
	}
	blocks, err := h.Reader.Resources.Blocks(ctx, one.Account, one.ID,
		domain.Interval{Start: now.Add(-blocksBack), End: now.AddDate(100, 0, 0)})
	shown := api.Resource{
		Id: one.ID.UUID, Revision: int64(one.Revision), Retired: one.Retired,
		Profile: api.ResourceProfile{
			Name: one.Name, Kind: api.ResourceProfileKind(one.Kind), Units: one.Units, Email: one.Email,
			Agenda: api.StaffAgenda{At: one.Agenda.At, Off: one.Agenda.Off},
		},
		Blocks: each(blocks, func(block directory.Block) api.TimeBlock {
			return api.TimeBlock{
				Id: block.ID.UUID, Start: block.Interval.Start, End: block.Interval.End,
				LocalStart: block.Interval.Start.In(zone).Format(localForm),
				LocalEnd:   block.Interval.End.In(zone).Format(localForm),
				Available:  block.Available, Replace: block.Replace,
				Services: each(block.Services, func(id domain.ServiceID) uuid.UUID { return id.UUID }),
			}
		}),
	}
	if one.Zone != "" {
		shown.WeeklyHours = api.WeeklyHours{Zone: one.Zone, Hours: each(one.Hours, func(hours resource.Hours) api.Hours {
			return api.Hours{Days: hours.Days, From: hours.From, To: hours.To}
		})}
	}
	return shown, err
}
