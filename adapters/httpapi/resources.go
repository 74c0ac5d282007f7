package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections/directory"
)

// Resources is what the API asks about whom and what is booked.
type Resources interface {
	One(ctx context.Context, account domain.AccountID, id domain.ResourceID) (directory.Resource, bool, error)
	All(ctx context.Context, account domain.AccountID) ([]directory.Resource, error)
	Blocks(ctx context.Context, account domain.AccountID, id domain.ResourceID, during domain.Interval,
	) ([]directory.Block, error)
}

// blocksBack is how long past time blocks are still shown.
const blocksBack = 31 * 24 * time.Hour

func (a *api) AddResource(ctx context.Context, r AddResourceRequestObject) (AddResourceResponseObject, error) {
	if _, err := a.opened(ctx, r.Account); err != nil {
		return nil, err
	}
	profile, err := resource.NewProfile(r.Body.Name, string(r.Body.Kind), r.Body.Units)
	if err != nil {
		return nil, err
	}
	id, err := newID[domain.ResourceID](ctx, "resource")
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, resource.Add{
		Resource: id, Account: domain.AccountID{UUID: r.Account}, Profile: profile,
	})
	return AddResource201JSONResponse{created(id, outcome)}, err
}

func (a *api) ListResources(ctx context.Context, r ListResourcesRequestObject) (ListResourcesResponseObject, error) {
	found, err := a.Resources.All(ctx, domain.AccountID{UUID: r.Account})
	if err != nil {
		return nil, err
	}
	items, next, err := pageAfter(found, r.Params.Cursor, r.Params.Limit,
		func(one directory.Resource) string { return one.ID.String() })
	if err != nil {
		return nil, err
	}
	shown := make([]Resource, len(items))
	for i, one := range items {
		if shown[i], err = a.shownResource(ctx, one); err != nil {
			return nil, err
		}
	}
	return ListResources200JSONResponse{Items: shown, Next: next}, nil
}

func (a *api) ShowResource(ctx context.Context, r ShowResourceRequestObject) (ShowResourceResponseObject, error) {
	found, ok, err := a.Resources.One(ctx, domain.AccountID{UUID: r.Account}, domain.ResourceID{UUID: r.Resource})
	if err == nil && !ok {
		err = resource.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	shown, err := a.shownResource(ctx, found)
	return ShowResource200JSONResponse{shown, ShowResource200ResponseHeaders{etag(found.Revision)}}, err
}

func (a *api) ChangeResource(
	ctx context.Context, r ChangeResourceRequestObject,
) (ChangeResourceResponseObject, error) {
	profile, err := resource.NewProfile(r.Body.Name, string(r.Body.Kind), r.Body.Units)
	if err != nil {
		return nil, err
	}
	id := domain.ResourceID{UUID: r.Resource}
	outcome, err := a.run(ctx, resource.Change{Resource: id, Profile: profile})
	return ChangeResource200JSONResponse{done(id, outcome)}, err
}

func (a *api) RetireResource(
	ctx context.Context, r RetireResourceRequestObject,
) (RetireResourceResponseObject, error) {
	id := domain.ResourceID{UUID: r.Resource}
	outcome, err := a.run(ctx, resource.Retire{Resource: id})
	return RetireResource200JSONResponse{done(id, outcome)}, err
}

func (a *api) SetWeeklyHours(
	ctx context.Context, r SetWeeklyHoursRequestObject,
) (SetWeeklyHoursResponseObject, error) {
	id := domain.ResourceID{UUID: r.Resource}
	wish, err := resource.NewWeeklyHours(id, r.Body.Zone, each(r.Body.Hours, func(one Hours) resource.Hours {
		return resource.Hours{Days: one.Days, From: one.From, To: one.To}
	}))
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, wish)
	return SetWeeklyHours200JSONResponse{done(id, outcome)}, err
}

func (a *api) AddTimeBlock(ctx context.Context, r AddTimeBlockRequestObject) (AddTimeBlockResponseObject, error) {
	id, err := newID[domain.BlockID](ctx, "block")
	if err != nil {
		return nil, err
	}
	outcome, err := a.run(ctx, resource.AddTimeBlock{
		Resource: domain.ResourceID{UUID: r.Resource}, Block: id,
		TimeBlock: resource.TimeBlock{
			Interval:  domain.Interval{Start: r.Body.Start.UTC(), End: r.Body.End.UTC()},
			Available: r.Body.Available, Replace: r.Body.Replace,
			Services: each(r.Body.Services, func(id uuid.UUID) domain.ServiceID { return domain.ServiceID{UUID: id} }),
		},
	})
	return AddTimeBlock201JSONResponse{created(id, outcome)}, err
}

func (a *api) RemoveTimeBlock(
	ctx context.Context, r RemoveTimeBlockRequestObject,
) (RemoveTimeBlockResponseObject, error) {
	id := domain.BlockID{UUID: r.Block}
	outcome, err := a.run(ctx, resource.RemoveTimeBlock{Resource: domain.ResourceID{UUID: r.Resource}, Block: id})
	return RemoveTimeBlock200JSONResponse{done(id, outcome)}, err
}

func (a *api) shownResource(ctx context.Context, one directory.Resource) (Resource, error) {
	now := a.Engine.Now()
	blocks, err := a.Resources.Blocks(ctx, one.Account, one.ID,
		domain.Interval{Start: now.Add(-blocksBack), End: now.AddDate(100, 0, 0)})
	shown := Resource{
		Id: one.ID.UUID, Revision: int64(one.Revision), Retired: one.Retired,
		Profile: ResourceProfile{Name: one.Name, Kind: ResourceProfileKind(one.Kind), Units: one.Units},
		Blocks: each(blocks, func(block directory.Block) TimeBlock {
			return TimeBlock{
				Id: block.ID.UUID, Start: block.Interval.Start, End: block.Interval.End, Available: block.Available,
				Replace:  block.Replace,
				Services: each(block.Services, func(id domain.ServiceID) uuid.UUID { return id.UUID }),
			}
		}),
	}
	if one.Zone != "" {
		shown.WeeklyHours = WeeklyHours{Zone: one.Zone, Hours: each(one.Hours, func(hours resource.Hours) Hours {
			return Hours{Days: hours.Days, From: hours.From, To: hours.To}
		})}
	}
	return shown, err
}
