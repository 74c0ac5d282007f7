package openings

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// queries loads everything that the starts of a service depend on. It returns one query, or if a named resource can
// meet several requirements one for each, in which it meets that one.
func (o Openings) queries(
	ctx context.Context, q Question, window domain.Interval, scratch *scratch,
) ([]availability.Query, service.State, error) {
	policy, _, err := commands.Load(ctx, o.Engine, service.Decider, service.Stream(q.Service))
	if err != nil {
		return nil, policy, err
	}
	if policy.Version == 0 || policy.Account != q.Account {
		return nil, policy, service.ErrUnknown
	}
	if policy.Retired {
		return nil, policy, service.ErrRetired
	}
	query := availability.Query{
		Now: q.Now, Window: availability.Interval{Start: window.Start, End: window.End},
		Service: q.Service.String(), Rules: rulesOf(policy.Policy),
	}
	if !q.Moving.IsZero() {
		query.Moving = q.Moving.String()
	}
	listed, err := o.named(ctx, q, policy)
	if err != nil {
		return nil, policy, err
	}
	if query.Rules.Quota != (availability.Quota{}) {
		if query.Home, err = o.homeOf(ctx, q.Account); err != nil {
			return nil, policy, err
		}
		if query.Booked, err = o.booked(ctx, q, policy.Policy, window); err != nil {
			return nil, policy, err
		}
	}
	load := loader{o, q, window, make(map[domain.ResourceID]*availability.Resource), scratch}
	queries := make([]availability.Query, 0, max(len(listed), 1))
	for _, requirements := range narrowed(policy.Requirements, q.Resource, listed) {
		query.Needs = nil
		for _, requirement := range requirements {
			need, err := load.need(ctx, requirement)
			if err != nil {
				return nil, policy, err
			}
			query.Needs = append(query.Needs, need)
		}
		if query.Viewer = viewerOf(query.Needs); query.Viewer == nil {
			if query.Viewer, err = o.homeOf(ctx, q.Account); err != nil {
				return nil, policy, err
			}
		}
		queries = append(queries, query)
	}
	return queries, policy, nil
}

// viewerOf returns the zone in which starts are shown and agreed: that of the first resource with hours. It is nil if
// none has any: then it is the account's.
func viewerOf(needs []availability.Need) *time.Location {
	for _, need := range needs {
		for _, candidate := range need.AnyOf {
			if candidate.Schedule.Zone != nil {
				return candidate.Schedule.Zone
			}
		}
	}
	return nil
}

// homeOf returns the zone of an account.
func (o Openings) homeOf(ctx context.Context, id domain.AccountID) (*time.Location, error) {
	owner, _, err := commands.Load(ctx, o.Engine, account.Decider, account.Stream(id))
	if err != nil || owner.Zone == "" {
		return time.UTC, err
	}
	return domain.ParseZone(owner.Zone)
}

// rulesOf converts the rules of a service.
func rulesOf(policy service.Policy) availability.Rules {
	rules := availability.Rules{
		Duration: minutes(policy.DurationMin), Interval: minutes(policy.IntervalMin), Offset: minutes(policy.OffsetMin),
		BufferBefore: minutes(policy.BufferBeforeMin), BufferAfter: minutes(policy.BufferAfterMin),
		Notice: minutes(policy.MinNoticeMin),
		Quota:  availability.Quota{Day: policy.PerDay, Week: policy.PerWeek, Client: policy.PerClient},
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

// loader reads the resources of one question, each of them once.
type loader struct {
	Openings
	question Question
	window   domain.Interval
	seen     map[domain.ResourceID]*availability.Resource // nil if it cannot be booked
	scratch  *scratch
}

// scratch is memory for the holds of one question, used again by a later one. A month of 50 resources has 31,000 holds.
type scratch struct{ holds []availability.Held }

// maxScratch bounds the holds that one keeps: 1.5 MB.
const maxScratch = 1 << 16

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// free gives it back. Nothing may use the queries of its question any more.
func (r *scratch) free() {
	if cap(r.holds) <= maxScratch {
		r.holds = r.holds[:0]
		scratches.Put(r)
	}
}

// need returns the resources that can meet a requirement.
func (l *loader) need(ctx context.Context, requirement service.Requirement) (availability.Need, error) {
	var need availability.Need
	for _, choice := range requirement.AnyOf {
		candidate, known := l.seen[choice.Resource]
		if !known {
			var err error
			if candidate, err = l.candidate(ctx, choice.Resource); err != nil {
				return need, err
			}
			l.seen[choice.Resource] = candidate
		}
		if candidate != nil {
			able := *candidate
			able.Takes = choice.Units
			need.AnyOf = append(need.AnyOf, able)
		}
	}
	return need, nil
}

// candidate returns a resource with its hours and what is taken of it. It is nil for one that is retired, or of
// another account.
func (l *loader) candidate(ctx context.Context, id domain.ResourceID) (*availability.Resource, error) {
	if err := ctx.Err(); err != nil { // the states may all be in memory, and there may be hundreds
		return nil, err
	}
	state, _, err := commands.Load(ctx, l.Engine, resource.Decider, resource.Stream(id))
	if err != nil || !state.Exists() || state.Retired || state.Account != l.question.Account {
		return nil, err
	}
	candidate := &availability.Resource{ID: id.String(), Units: state.Units}
	if candidate.Schedule, err = ScheduleOf(state, l.window); err != nil {
		return nil, fmt.Errorf("hours of resource %s: %w", id, err)
	}
	candidate.Held, err = l.held(ctx, id)
	return candidate, err
}

// blockReach is how far from the window a time block can matter: endless hours are expanded to 12 days around it, and
// an appointment may last for a week.
const blockReach = 21 * 24 * time.Hour

// ScheduleOf converts the hours of a resource, and its time blocks near a window. One block that adds hours stays,
// however far it is: a resource that has one has hours.
func ScheduleOf(state resource.State, window domain.Interval) (availability.Schedule, error) {
	if state.Zone == "" {
		return availability.Schedule{}, nil // without hours it is never open
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
	adds := false
	from, to := window.Start.Add(-blockReach), window.End.Add(blockReach)
	for _, block := range state.Blocks {
		near := block.Interval.Start.Before(to) && from.Before(block.Interval.End)
		if !near && (adds || !block.Available) {
			continue
		}
		adds = adds || block.Available
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

// held returns what a resource's diaries hold near the window, without the appointment that moves. A hold includes its
// appointment's own buffers.
func (l *loader) held(ctx context.Context, id domain.ResourceID) ([]availability.Held, error) {
	wide := domain.Interval{Start: l.window.Start.Add(-24 * time.Hour), End: l.window.End.Add(48 * time.Hour)}
	moving, all := l.question.Moving, l.scratch.holds
	first := len(all)
	for i, month := range diary.Months(wide) {
		begins := domain.Nanos(month.Start())
		held, _, err := commands.Load(ctx, l.Engine, diary.Decider, diary.StreamOf(id, month))
		if err != nil {
			return nil, err
		}
		all = slices.Grow(all, holdsIn(held, wide))
		for hold := range held.Overlapping(wide) {
			if i > 0 && hold.From < begins {
				continue // it crosses the end of the month and was added with the month before
			}
			if moving.IsZero() || hold.Appointment != moving {
				all = append(all, availability.HeldBy(hold.From, hold.To, hold.Units))
			}
		}
	}
	l.scratch.holds = all
	return all[first:len(all):len(all)], nil
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
