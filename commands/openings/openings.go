// Package openings finds the starts at which a service can be booked and explains why another start cannot. It
// reads the states that booking decides on and changes nothing.
package openings

import (
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/service"
)

// Openings reads the same states that booking decides on: a start that it returns can be booked at the same now and
// log position.
type Openings struct{ Engine *commands.Engine }

// maxWindow bounds the window of one question.
const maxWindow = 92 * 24 * time.Hour

// ErrWindow refuses an empty window, and one that is too long.
var ErrWindow = domain.Refuse(domain.Invalid, "window_invalid",
	"the window must end after it starts and span at most 92 days; ask for less at once")

// Question asks about the starts of one service.
type Question struct {
	Account  domain.AccountID
	Service  domain.ServiceID
	Client   domain.ClientID      // who comes, for the limit of one client; zero means nobody in particular
	Resource domain.ResourceID    // must be among those taken; zero means any
	Moving   domain.AppointmentID // the appointment to move: its own holds do not block; zero means none
	Now      time.Time
}

// Between returns the starts in a window, in order, with the resources chosen for each.
func (o Openings) Between(ctx context.Context, q Question, window domain.Interval) ([]availability.Start, error) {
	if !window.Start.Before(window.End) || window.End.Sub(window.Start) > maxWindow {
		return nil, ErrWindow
	}
	scratch := scratches.Get().(*scratch)
	defer scratch.free()
	queries, _, err := o.queries(ctx, q, window, scratch)
	if err != nil {
		return nil, err
	}
	var found []availability.Start
	for i, query := range queries {
		if err := affordable(ctx, query); err != nil {
			return nil, err
		}
		if starts := availability.Starts(query); i == 0 {
			found = starts
		} else {
			found = either(found, starts)
		}
		if len(found) > maxStarts {
			return nil, tooManyStarts(len(found), window)
		}
	}
	return found, nil
}

// maxStarts bounds the starts of one result: a month of 15-minute starts has 3,000.
const maxStarts = 20_000

func tooManyStarts(found int, window domain.Interval) error {
	days := int(window.End.Sub(window.Start) / (24 * time.Hour))
	return domain.Refusef(domain.Invalid, "question_too_large",
		"there are more than %d starts in these %d days; ask for at most %d days at once", maxStarts, days,
		max(days*maxStarts/found, 1))
}

// affordable refuses a query that costs more than availability.MaxCost, before any of its work is done.
func affordable(ctx context.Context, query availability.Query) error {
	cost := availability.Cost(query)
	if cost <= availability.MaxCost {
		return ctx.Err()
	}
	days := int(query.Window.End.Sub(query.Window.Start) / (24 * time.Hour))
	if fewer := days * availability.MaxCost / cost; fewer >= 1 {
		return domain.Refusef(domain.Invalid, "question_too_large",
			"this service has so many resources, hours and starts that %d days are too many at once; ask for at most %d "+
				"days, or name a resource", days, fewer)
	}
	return errNoDay
}

var errNoDay = domain.Refuse(domain.Invalid, "question_too_large",
	"this service has so many resources, hours and starts that no day can be computed; name a resource, or give the "+
		"service a longer interval or fewer choices")

// affordableAt is affordable for the query of one start, which cannot ask for fewer days.
func affordableAt(ctx context.Context, query availability.Query) error {
	if availability.Cost(query) > availability.MaxCost {
		return errNoDay
	}
	return ctx.Err()
}

// either merges two lists of starts. Where both have a start, it keeps that of the first.
func either(first, second []availability.Start) []availability.Start {
	out := append(first, second...)
	slices.SortStableFunc(out, func(a, b availability.Start) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(out, func(a, b availability.Start) bool { return a.At.Equal(b.At) })
}

// Explain returns the reasons why a start cannot be booked, in order; none if it can.
func (o Openings) Explain(ctx context.Context, q Question, at time.Time) (reasons []availability.Reason, err error) {
	queries, _, err := o.queries(ctx, q, around(at), new(scratch))
	for i, query := range queries {
		if err := affordableAt(ctx, query); err != nil {
			return nil, err
		}
		why := availability.Explain(query, at)
		if len(why) == 0 {
			return nil, err
		}
		if i == 0 {
			reasons = why
		}
	}
	return reasons, err
}

// TermsOf returns the terms that an appointment of a service is booked on.
func TermsOf(policy service.State) appointment.Terms {
	return appointment.Terms{
		Version: policy.Version, MoveCutoffMin: policy.MoveCutoffMin, CancelCutoffMin: policy.CancelCutoffMin,
	}
}

// around returns the window that one start depends on. Limits count local days, so it has a day on either side.
func around(at time.Time) domain.Interval {
	return domain.Interval{Start: at.Add(-24 * time.Hour), End: at.Add(24 * time.Hour)}
}
