// Package openings finds the starts at which a service can be booked and explains why another start cannot. It
// reads the states that booking decides on and changes nothing.
package openings

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
)

// Openings answers which starts of a service can be booked, from the very states that booking decides on: a
// start that is shown can be booked for the same now and log position.
type Openings struct{ Engine *commands.Engine }

// maxWindow bounds what is looked at in one question.
const maxWindow = 92 * 24 * time.Hour

// ErrWindow refuses a question about too long a time.
var ErrWindow = domain.Refuse(domain.Invalid, "window_invalid",
	"the window must end after it starts and span at most 92 days; ask for less at once")

// Ask is a question about the starts of one service.
type Ask struct {
	Account  domain.AccountID
	Service  domain.ServiceID
	Resource domain.ResourceID    // only this one, where it is among the choices; zero means any
	Moving   domain.AppointmentID // what it takes now does not block
	Now      time.Time
}

// Between answers the starts in a window, in order, with the resources chosen for each.
func (o Openings) Between(ctx context.Context, ask Ask, window domain.Interval) ([]availability.Start, error) {
	if !window.Start.Before(window.End) || window.End.Sub(window.Start) > maxWindow {
		return nil, ErrWindow
	}
	query, _, err := o.query(ctx, ask, window)
	if err != nil {
		return nil, err
	}
	return availability.Starts(query), nil
}

// Explain answers why a start cannot be booked, in order; nothing when it can.
func (o Openings) Explain(ctx context.Context, ask Ask, at time.Time) ([]availability.Reason, error) {
	query, _, err := o.query(ctx, ask, around(at))
	if err != nil {
		return nil, err
	}
	return availability.Explain(query, at), nil
}

// Visit makes the visit that a start would be, with resources that are free for it and the terms in force, or
// refuses with the first reason why not.
func (o Openings) Visit(ctx context.Context, ask Ask, at time.Time) (appointment.Visit, appointment.Terms, error) {
	query, policy, err := o.query(ctx, ask, around(at))
	if err != nil {
		return appointment.Visit{}, appointment.Terms{}, err
	}
	chosen, reasons := availability.AssignResources(query, at)
	if len(reasons) > 0 {
		return appointment.Visit{}, appointment.Terms{}, refusalOf(reasons[0])
	}
	at = domain.Microseconds(at)
	end := at.Add(query.Rules.Duration)
	held := domain.Interval{Start: at.Add(-query.Rules.BufferBefore), End: end.Add(query.Rules.BufferAfter)}
	visit := appointment.Visit{Start: at, End: end}
	for i, id := range chosen {
		legOf, err := domain.ParseID[domain.ResourceID](id)
		if err != nil {
			return appointment.Visit{}, appointment.Terms{}, err
		}
		visit.Legs = addLeg(visit.Legs, appointment.Leg{Resource: legOf, Units: query.Needs[i].Units, Interval: held})
	}
	zone := query.Viewer
	visit.Zone, visit.Local = zone.String(), at.In(zone).Format("2006-01-02T15:04:05")
	terms := appointment.Terms{
		Version: policy.Version, MoveCutoffMin: policy.MoveCutoffMin, CancelCutoffMin: policy.CancelCutoffMin,
	}
	return visit, terms, nil
}

// addLeg joins two needs that chose the same resource.
func addLeg(legs []appointment.Leg, leg appointment.Leg) []appointment.Leg {
	for i := range legs {
		if legs[i].Resource == leg.Resource {
			legs[i].Units += leg.Units
			return legs
		}
	}
	return append(legs, leg)
}

// refusalOf turns a reason into the refusal that a booking answers.
func refusalOf(reason availability.Reason) error {
	if reason.Code == availability.Taken || reason.Code == availability.WithinBuffer {
		return diary.ErrSlotTaken
	}
	return domain.Refusef(domain.Disallowed, string(reason.Code),
		"this start cannot be booked (%s); ask for the free starts and choose one", reason)
}

// around is the window in which one start is judged: limits count local days, so a day on either side is read.
func around(at time.Time) domain.Interval {
	return domain.Interval{Start: at.Add(-24 * time.Hour), End: at.Add(24 * time.Hour)}
}
