package openings

import (
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/service"
)

// shownFor is how long ago a start may have been offered and still be booked, although its notice has elapsed or the
// grid has moved with the clock since. A person reads a list and fills in a form in that time. Every other reason
// refuses at once.
const shownFor = 5 * time.Minute

// ErrSeconds refuses a start that is not at a whole minute. No grid has such a start, and no override makes one.
var ErrSeconds = domain.Refuse(domain.Disallowed, string(availability.OffGrid),
	"appointments start at whole minutes; leave the seconds out")

// Visit returns the visit that starts at a time, with free resources, and the terms now in force. It refuses what
// Explain explains, with the first reason, unless the start was offered at most shownFor ago.
func (o Openings) Visit(ctx context.Context, q Question, at time.Time) (appointment.Visit, appointment.Terms, error) {
	queries, policy, err := o.queriesAt(ctx, q, at)
	if err != nil {
		return appointment.Visit{}, appointment.Terms{}, err
	}
	var first []availability.Reason
	for _, query := range queries {
		query, assigned, reasons := whenOffered(query, at)
		if len(reasons) == 0 {
			visit, err := visitOf(query, assigned, at)
			return visit, TermsOf(policy), err
		}
		if first == nil {
			first = reasons
		}
	}
	return appointment.Visit{}, appointment.Terms{}, refusalOf(first, at)
}

// queriesAt returns the queries for one start, which must be a whole minute.
func (o Openings) queriesAt(
	ctx context.Context, q Question, at time.Time,
) ([]availability.Query, service.State, error) {
	queries, policy, err := o.queries(ctx, q, around(at), new(scratch))
	for i := 0; i < len(queries) && err == nil; i++ {
		err = affordableAt(ctx, queries[i])
	}
	if err == nil && !at.Equal(at.Truncate(time.Minute)) {
		err = ErrSeconds
	}
	return queries, policy, err
}

// whenOffered returns the query at the latest minute within shownFor at which it offered a start, and the resources for
// it. If there is none, it returns the query as it is, with the reasons.
func whenOffered(query availability.Query, at time.Time) (availability.Query, []string, []availability.Reason) {
	assigned, reasons := availability.AssignStart(query, at)
	elapsed := func(r availability.Reason) bool {
		return r.Code == availability.ShortNotice || r.Code == availability.OffGrid
	}
	if !slices.ContainsFunc(reasons, elapsed) || slices.ContainsFunc(reasons, func(r availability.Reason) bool {
		return !elapsed(r)
	}) {
		return query, assigned, reasons
	}
	for ago := time.Minute; ago <= shownFor; ago += time.Minute { // the grid moves by whole minutes
		before := query
		before.Now = query.Now.Add(-ago)
		if assigned, against := availability.AssignStart(before, at); len(against) == 0 {
			return before, assigned, nil
		}
	}
	return query, nil, reasons
}

// Override returns the visit at a start that the staff insist on, the terms now in force, and the rules that it
// breaks, as codes of reasons: none if the start can be booked anyway. Hours, grid, notice, horizon and limits do not
// apply, and the start may be past. Units and buffers do apply: what is taken stays taken.
func (o Openings) Override(
	ctx context.Context, q Question, at time.Time,
) (visit appointment.Visit, terms appointment.Terms, broken []string, err error) {
	queries, policy, err := o.queriesAt(ctx, q, at)
	if err != nil {
		return visit, terms, nil, err
	}
	var first []availability.Reason
	for _, query := range queries {
		assigned, against := assignAgainstRules(query, at)
		if len(against) == 0 {
			visit, err = visitOf(query, assigned, at)
			return visit, TermsOf(policy), brokenBy(availability.Explain(query, at), assigned), err
		}
		if first == nil {
			first = against
		}
	}
	return visit, terms, nil, refusalOf(first, at)
}

// brokenBy returns the codes of the reasons that concern the start itself or an assigned resource.
func brokenBy(reasons []availability.Reason, assigned []string) (broken []string) {
	for _, reason := range reasons {
		code := string(reason.Code)
		if (reason.Resource == "" || slices.Contains(assigned, reason.Resource)) && !slices.Contains(broken, code) {
			broken = append(broken, code)
		}
	}
	return broken
}

// CheckLimits refuses a start in a day or week in which the service, or the client, has no appointment left.
func (o Openings) CheckLimits(ctx context.Context, q Question, at time.Time) error {
	queries, _, err := o.queries(ctx, q, around(at), new(scratch))
	if err != nil {
		return err
	}
	for _, reason := range availability.Explain(queries[0], at) {
		if reason.Code == availability.LimitReached || reason.Code == availability.ClientLimit {
			return refusalOf([]availability.Reason{reason}, at)
		}
	}
	return nil
}

// assignAgainstRules assigns free resources, whatever the rules say. Those whose hours are open come first.
func assignAgainstRules(query availability.Query, at time.Time) ([]string, []availability.Reason) {
	rules := query.Rules
	query.Now = at
	query.Rules = availability.Rules{
		Duration: rules.Duration, BufferBefore: rules.BufferBefore, BufferAfter: rules.BufferAfter,
	}
	if assigned, reasons := availability.AssignResources(query, at); len(reasons) == 0 {
		return assigned, nil
	}
	open := []availability.Interval{{Start: at, End: at.Add(rules.Duration)}}
	needs := slices.Clone(query.Needs)
	for i, need := range needs {
		needs[i].AnyOf = slices.Clone(need.AnyOf)
		for k := range needs[i].AnyOf {
			needs[i].AnyOf[k].Open = open
		}
	}
	query.Needs = needs
	return availability.AssignResources(query, at)
}

// visitOf returns the visit that takes the assigned resources.
func visitOf(query availability.Query, assigned []string, at time.Time) (appointment.Visit, error) {
	at = domain.Microseconds(at)
	end := at.Add(query.Rules.Duration)
	held := domain.Interval{Start: at.Add(-query.Rules.BufferBefore), End: end.Add(query.Rules.BufferAfter)}
	visit := appointment.Visit{Start: at, End: end}
	for i, id := range assigned {
		chosen, err := domain.ParseID[domain.ResourceID](id)
		if err != nil {
			return visit, err
		}
		units := query.Needs[i].UnitsOf(id)
		visit.Legs = addLeg(visit.Legs, appointment.Leg{Resource: chosen, Units: units, Interval: held})
	}
	zone := query.Viewer
	visit.Zone, visit.Local = zone.String(), at.In(zone).Format("2006-01-02T15:04:05")
	return visit, nil
}

// addLeg adds a leg. Two needs that were assigned the same resource become one leg.
func addLeg(legs []appointment.Leg, leg appointment.Leg) []appointment.Leg {
	for i := range legs {
		if legs[i].Resource == leg.Resource {
			legs[i].Units += leg.Units
			return legs
		}
	}
	return append(legs, leg)
}

// Unbookable is the refusal of a start, with all its reasons. The reasons name resources by their ids; package httpapi
// replaces these by names.
type Unbookable struct {
	*domain.Refusal
	Start   time.Time
	Reasons []availability.Reason
}

// Unwrap returns the refusal, for errors.Is and domain.AsRefusal.
func (u *Unbookable) Unwrap() error { return u.Refusal }

// refusalOf returns the refusal of a booking, with the code of its first reason.
func refusalOf(reasons []availability.Reason, start time.Time) error {
	refusal := diary.ErrSlotTaken
	if code := reasons[0].Code; code != availability.Taken && code != availability.WithinBuffer {
		refusal = domain.Refusef(domain.Disallowed, string(code),
			"this start cannot be booked (%s); ask for the free starts and choose one", reasons[0])
	}
	return &Unbookable{refusal, start, reasons}
}
