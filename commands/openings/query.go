package openings

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// query loads everything that the starts of a service depend on.
func (o Openings) query(
	ctx context.Context, q Question, window domain.Interval,
) (availability.Query, service.State, error) {
	policy, _, err := commands.Load(ctx, o.Engine, service.Decider, service.Stream(q.Service))
	if err != nil {
		return availability.Query{}, policy, err
	}
	if policy.Version == 0 || policy.Account != q.Account {
		return availability.Query{}, policy, service.ErrUnknown
	}
	if policy.Retired {
		return availability.Query{}, policy, service.ErrRetired
	}
	query := availability.Query{
		Now: q.Now, Window: availability.Interval{Start: window.Start, End: window.End},
		Service: q.Service.String(), Rules: rulesOf(policy.Policy),
	}
	if !q.Moving.IsZero() {
		query.Moving = q.Moving.String()
	}
	for _, requirement := range policy.Requirements {
		need, err := o.need(ctx, q, requirement, window, policy)
		if err != nil {
			return query, policy, err
		}
		query.Needs = append(query.Needs, need)
	}
	query.Viewer = viewerOf(query.Needs)
	return query, policy, nil
}

// viewerOf returns the zone in which starts are shown and agreed: that of the first resource with hours.
func viewerOf(needs []availability.Need) *time.Location {
	for _, need := range needs {
		for _, candidate := range need.AnyOf {
			if candidate.Schedule.Zone != nil {
				return candidate.Schedule.Zone
			}
		}
	}
	return time.UTC
}

// rulesOf converts the rules of a service.
func rulesOf(policy service.Policy) availability.Rules {
	rules := availability.Rules{
		Duration: minutes(policy.DurationMin), Interval: minutes(policy.IntervalMin), Offset: minutes(policy.OffsetMin),
		BufferBefore: minutes(policy.BufferBeforeMin), BufferAfter: minutes(policy.BufferAfterMin),
		Notice: minutes(policy.MinNoticeMin), Limits: availability.Limits{Day: availability.Limit{Bookings: policy.PerDay}},
	}
	rules.Packing, _ = availability.ParsePacking(policy.Packing) // the service refuses unknown names
	if policy.ConsecutiveOnly {
		rules.Packing = availability.ConsecutiveOnly
	}
	if policy.HorizonDays > 0 {
		rules.Horizon = availability.Horizon{Kind: availability.Rolling, Days: policy.HorizonDays}
	}
	return rules
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// need returns the resources that can meet a requirement. A retired one, or one of another account, cannot.
func (o Openings) need(
	ctx context.Context, q Question, requirement service.Requirement, window domain.Interval, policy service.State,
) (availability.Need, error) {
	var need availability.Need
	named := slices.ContainsFunc(requirement.AnyOf, func(c service.Choice) bool { return c.Resource == q.Resource })
	for _, choice := range requirement.AnyOf {
		if named && choice.Resource != q.Resource {
			continue
		}
		state, _, err := commands.Load(ctx, o.Engine, resource.Decider, resource.Stream(choice.Resource))
		if err != nil {
			return need, err
		}
		if !state.Exists() || state.Retired || state.Account != q.Account {
			continue
		}
		candidate := availability.Resource{ID: choice.Resource.String(), Units: state.Units}
		if candidate.Schedule, err = scheduleOf(state); err != nil {
			return need, fmt.Errorf("hours of resource %s: %w", choice.Resource, err)
		}
		if candidate.Busy, err = o.busy(ctx, choice.Resource, window, q, policy.PerDay > 0); err != nil {
			return need, err
		}
		need.Units, need.AnyOf = choice.Units, append(need.AnyOf, candidate)
	}
	return need, nil
}

// scheduleOf converts the hours and the time blocks of a resource.
func scheduleOf(state resource.State) (availability.Schedule, error) {
	if state.Zone == "" {
		return availability.Schedule{Zone: time.UTC}, nil // without hours it is never open
	}
	zone, err := domain.ParseZone(state.Zone)
	if err != nil {
		return availability.Schedule{}, err
	}
	schedule := availability.Schedule{Zone: zone}
	for _, hours := range state.Hours {
		from, to, err := hours.Minutes()
		if err != nil {
			return schedule, err
		}
		weekly := availability.Weekly{Hours: availability.Hours{From: minutes(from), To: minutes(to)}}
		for _, day := range hours.Days {
			weekly.Days = append(weekly.Days, time.Weekday(day))
		}
		schedule.Weekly = append(schedule.Weekly, weekly)
	}
	for _, block := range state.Blocks {
		schedule.Blocks = append(schedule.Blocks, blockOf(block.TimeBlock))
	}
	return schedule, nil
}

func blockOf(block resource.TimeBlock) availability.TimeBlock {
	out := availability.TimeBlock{
		Interval:  availability.Interval{Start: block.Interval.Start, End: block.Interval.End},
		Available: block.Available, Replace: block.Replace,
	}
	for _, id := range block.Services {
		out.Services = append(out.Services, id.String())
	}
	return out
}

// busy returns what a resource's diaries hold near the window. A hold includes its appointment's own buffers. If
// counting, it also marks the holds that count towards the limits of the service.
func (o Openings) busy(
	ctx context.Context, id domain.ResourceID, window domain.Interval, q Question, counting bool,
) ([]availability.Busy, error) {
	wide := domain.Interval{Start: window.Start.Add(-24 * time.Hour), End: window.End.Add(48 * time.Hour)}
	var busy []availability.Busy
	months := diary.Months(wide)
	for _, month := range months {
		held, _, err := commands.Load(ctx, o.Engine, diary.Decider, diary.StreamOf(id, month))
		if err != nil {
			return nil, err
		}
		busy = slices.Grow(busy, holdsIn(held, wide))
		for hold := range held.Overlapping(wide) {
			if month != months[0] && diary.MonthOf(hold.Interval.Start) != month {
				continue // it crosses the end of the month and was added with the month before
			}
			taken := availability.Busy{
				Interval: availability.Interval{Start: hold.Interval.Start, End: hold.Interval.End},
				Units:    hold.Units,
			}
			if hold.Appointment == q.Moving && !q.Moving.IsZero() { // no other reference is read
				taken.Ref = hold.Appointment.String()
			}
			if counting {
				if taken.Counts, err = o.isOf(ctx, hold.Appointment, q.Service); err != nil {
					return nil, err
				}
			}
			busy = append(busy, taken)
		}
	}
	return busy, nil
}

// holdsIn returns about how many holds of a diary overlap an interval, as a capacity for them.
func holdsIn(held diary.State, interval domain.Interval) (n int) {
	const day = 24 * 60 * 60
	for _, one := range held.Days {
		if at := int64(one.Date) * day; at < interval.End.Unix() && at+day > interval.Start.Unix() {
			n += len(one.Held)
		}
	}
	return n
}

// isOf reports whether an appointment is of a service.
func (o Openings) isOf(ctx context.Context, id domain.AppointmentID, of domain.ServiceID) (bool, error) {
	state, _, err := commands.Load(ctx, o.Engine, appointment.Decider, appointment.StreamOf(id))
	return state.Service == of, err
}
