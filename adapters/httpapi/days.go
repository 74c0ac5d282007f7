package httpapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// staffKind is the kind of resources that the totals of a day are about.
const staffKind = "staff"

func (h *handlers) ShowDays(ctx context.Context, r api.ShowDaysRequestObject) (api.ShowDaysResponseObject, error) {
	zone, during, err := calendarRange(ctx, r.Params.From.Time, r.Params.To.Time)
	if err != nil {
		return nil, err
	}
	account := domain.AccountID{UUID: r.Account}
	taken, err := h.Reader.Calendar.Taken(ctx, account, during)
	if err != nil {
		return nil, err
	}
	calls, err := h.openCalls(ctx, account)
	if err != nil {
		return nil, err
	}
	resources, err := h.schedules(ctx, account, during)
	if err != nil {
		return nil, err
	}
	days := []api.CalendarDay{}
	for _, date := range availability.Dates(availability.Interval(during), zone) {
		local := domain.Interval{Start: date.Start(zone), End: date.AddDays(1).Start(zone)}
		days = append(days, dayOf(local, resources, within(taken, local), callsIn(calls, local)))
	}
	return api.ShowDays200JSONResponse{Items: days}, nil
}

// calendarRange returns the zone of the account and the instants of a range of its dates. It refuses a range that is
// empty or too long.
func calendarRange(ctx context.Context, from, to time.Time) (*time.Location, domain.Interval, error) {
	zone, err := zoneOf(ctx)
	if err != nil {
		return nil, domain.Interval{}, err
	}
	during := domain.Interval{Start: midnight(from, zone), End: midnight(to, zone)}
	if !during.Start.Before(during.End) || during.End.Sub(during.Start) > maxCalendar {
		return nil, during, openings.ErrWindow
	}
	return zone, during, nil
}

// scheduled is a resource and when it is open.
type scheduled struct {
	directory.Resource
	open, off []availability.Interval // off is what blocks close
}

// schedules returns the resources in use and when they are open during an interval, for any service.
func (h *handlers) schedules(
	ctx context.Context, account domain.AccountID, during domain.Interval,
) ([]scheduled, error) {
	known, err := h.Reader.Resources.All(ctx, account)
	if err != nil {
		return nil, err
	}
	const reach = 4 * 24 * time.Hour // a block changes the days that it touches, in any zone
	blocks, err := h.Reader.Resources.AllBlocks(ctx, account, domain.Interval{
		Start: during.Start.Add(-reach), End: during.End.Add(reach),
	})
	if err != nil {
		return nil, err
	}
	of := make(map[domain.ResourceID][]resource.Block)
	for _, one := range blocks {
		of[one.Resource] = append(of[one.Resource], resource.Block{ID: one.ID, TimeBlock: one.TimeBlock})
	}
	var found []scheduled
	for _, one := range known {
		if one.Retired {
			continue
		}
		state := resource.State{Zone: one.Zone, Hours: one.Hours, Blocks: of[one.ID]}
		schedule, err := openings.ScheduleOf(state, during)
		if err != nil {
			return nil, err
		}
		shown := scheduled{Resource: one, off: offOf(state.Blocks)}
		if schedule.Zone != nil {
			shown.open = schedule.Open(availability.Interval(during), "", "")
		}
		found = append(found, shown)
	}
	return found, nil
}

// offOf returns what blocks close for every service.
func offOf(blocks []resource.Block) (off []availability.Interval) {
	for _, block := range blocks {
		if !block.Available && len(block.Services) == 0 {
			off = append(off, availability.Interval(block.Interval))
		}
	}
	return availability.Merge(off)
}

// within returns the visits that start in an interval.
func within(taken []projections.Taken, in domain.Interval) (found []projections.Taken) {
	for _, one := range taken {
		if !one.Start.Before(in.Start) && one.Start.Before(in.End) {
			found = append(found, one)
		}
	}
	return found
}

func callsIn(calls []projections.Call, in domain.Interval) (found []projections.Call) {
	for _, one := range calls {
		if !one.Start.Before(in.Start) && one.Start.Before(in.End) {
			found = append(found, one)
		}
	}
	return found
}

// dayOf counts a day. The totals are those of the staff, or of all resources if there is no staff.
func dayOf(
	local domain.Interval, resources []scheduled, taken []projections.Taken, calls []projections.Call,
) api.CalendarDay {
	day := api.CalendarDay{Appointments: len(taken), ToCall: len(calls), Resources: []api.ResourceDay{}}
	day.Day.Time = time.Date(local.Start.Year(), local.Start.Month(), local.Start.Day(), 0, 0, 0, 0, time.UTC)
	bookedMin, openMin := 0, 0
	counts := make(map[domain.ResourceID]*api.ResourceDay)
	legs := make(map[domain.ResourceID][]availability.Interval)
	count := func(id domain.ResourceID) *api.ResourceDay {
		if counts[id] == nil {
			counts[id] = &api.ResourceDay{Resource: id.UUID}
		}
		return counts[id]
	}
	for _, one := range taken {
		seen := make(map[uuid.UUID]bool)
		for _, leg := range one.Legs {
			legs[leg.Resource] = append(legs[leg.Resource], availability.Interval(leg.Interval))
			if !seen[leg.Resource.UUID] {
				seen[leg.Resource.UUID] = true
				count(leg.Resource).Appointments++
			}
		}
	}
	for _, one := range calls {
		for _, id := range one.Resources {
			count(id).ToCall++
		}
	}
	hasStaff := false
	for _, one := range resources {
		shown := count(one.ID)
		shown.BookedMin = minutesOf(availability.Merge(legs[one.ID]))
		whole := []availability.Interval{availability.Interval(local)}
		open, off := availability.Intersect(one.open, whole), availability.Intersect(one.off, whole)
		shown.OpenMin, shown.Open, shown.Off = minutesOf(open), localSpans(open, local), localSpans(off, local)
		isStaff := one.Kind == staffKind
		if isStaff && !hasStaff {
			hasStaff, bookedMin, openMin = true, 0, 0
		}
		if isStaff || !hasStaff {
			bookedMin, openMin = bookedMin+shown.BookedMin, openMin+shown.OpenMin
		}
		if shown.Appointments+shown.BookedMin+shown.OpenMin+shown.ToCall+len(shown.Off) > 0 {
			day.Resources = append(day.Resources, *shown)
		}
	}
	day.BookedMin, day.OpenMin = bookedMin, openMin
	return day
}

func localSpans(set []availability.Interval, day domain.Interval) (spans []api.LocalSpan) {
	const layout = "2006-01-02T15:04"
	zone := day.Start.Location()
	for _, one := range set {
		spans = append(spans, api.LocalSpan{From: one.Start.In(zone).Format(layout), To: one.End.In(zone).Format(layout)})
	}
	return spans
}

func minutesOf(set []availability.Interval) (minutes int) {
	for _, one := range set {
		minutes += int(one.End.Sub(one.Start) / time.Minute)
	}
	return minutes
}

// openCalls returns the rows of the call sheet whose client nobody has contacted.
func (h *handlers) openCalls(ctx context.Context, account domain.AccountID) (open []projections.Call, err error) {
	calls, err := h.Reader.CallSheet.Of(ctx, account, h.Engine.Now())
	for _, one := range calls {
		if one.ContactedAt.IsZero() {
			open = append(open, one)
		}
	}
	return open, err
}
