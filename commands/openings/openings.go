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
	Resource domain.ResourceID    // only this one, if the service can choose it; zero means any
	Moving   domain.AppointmentID // the appointment to move: its own holds do not block; zero means none
	Now      time.Time
}

// Between returns the starts in a window, in order, with the resources chosen for each.
func (o Openings) Between(ctx context.Context, q Question, window domain.Interval) ([]availability.Start, error) {
	if !window.Start.Before(window.End) || window.End.Sub(window.Start) > maxWindow {
		return nil, ErrWindow
	}
	query, _, err := o.query(ctx, q, window)
	if err != nil {
		return nil, err
	}
	return availability.Starts(query), nil
}

// Explain returns the reasons why a start cannot be booked, in order; none if it can.
func (o Openings) Explain(ctx context.Context, q Question, at time.Time) ([]availability.Reason, error) {
	query, _, err := o.query(ctx, q, around(at))
	if err != nil {
		return nil, err
	}
	return availability.Explain(query, at), nil
}

// Visit returns the visit that starts at a time, with free resources, and the terms now in force. If the start cannot
// be booked, it refuses with the first reason.
func (o Openings) Visit(ctx context.Context, q Question, at time.Time) (appointment.Visit, appointment.Terms, error) {
	query, policy, err := o.query(ctx, q, around(at))
	if err != nil {
		return appointment.Visit{}, appointment.Terms{}, err
	}
	assigned, reasons := availability.AssignResources(query, at)
	if len(reasons) > 0 {
		return appointment.Visit{}, appointment.Terms{}, refusalOf(reasons[0])
	}
	at = domain.Microseconds(at)
	end := at.Add(query.Rules.Duration)
	held := domain.Interval{Start: at.Add(-query.Rules.BufferBefore), End: end.Add(query.Rules.BufferAfter)}
	visit := appointment.Visit{Start: at, End: end}
	for i, id := range assigned {
		chosen, err := domain.ParseID[domain.ResourceID](id)
		if err != nil {
			return appointment.Visit{}, appointment.Terms{}, err
		}
		visit.Legs = addLeg(visit.Legs, appointment.Leg{Resource: chosen, Units: query.Needs[i].Units, Interval: held})
	}
	zone := query.Viewer
	visit.Zone, visit.Local = zone.String(), at.In(zone).Format("2006-01-02T15:04:05")
	return visit, TermsOf(policy), nil
}

// TermsOf returns the terms that an appointment of a service is booked on.
func TermsOf(policy service.State) appointment.Terms {
	return appointment.Terms{
		Version: policy.Version, MoveCutoffMin: policy.MoveCutoffMin, CancelCutoffMin: policy.CancelCutoffMin,
	}
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

// refusalOf returns the refusal of a booking for a reason.
func refusalOf(reason availability.Reason) error {
	if reason.Code == availability.Taken || reason.Code == availability.WithinBuffer {
		return diary.ErrSlotTaken
	}
	return domain.Refusef(domain.Disallowed, string(reason.Code),
		"this start cannot be booked (%s); ask for the free starts and choose one", reason)
}

// around returns the window that one start depends on. Limits count local days, so it has a day on either side.
func around(at time.Time) domain.Interval {
	return domain.Interval{Start: at.Add(-24 * time.Hour), End: at.Add(24 * time.Hour)}
}
