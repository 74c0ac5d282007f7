package openings

import (
	"context"
	"slices"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/service"
)

// booked returns the appointments of a service that may share a day or week with a start in the window, for its
// limits. It reads the diaries of all resources that the service names, retired ones too. An
// appointment counts while it holds units: booked, or requested and still in time, and not when it is cancelled.
func (o Openings) booked(
	ctx context.Context, q Question, policy service.Policy, window domain.Interval,
) (out []availability.Booked, err error) {
	reach := 3 * 24 * time.Hour // a day, in a zone far from UTC, and a buffer of a day
	if policy.PerWeek > 0 {
		reach += 7 * 24 * time.Hour
	}
	wide := domain.Interval{Start: window.Start.Add(-reach), End: window.End.Add(reach)}
	seen := make(map[attemptKey]bool)
	for _, id := range resourcesOf(policy) {
		for _, month := range diary.Months(wide) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			held, _, err := commands.Load(ctx, o.Engine, diary.Decider, diary.StreamOf(id, month))
			if err != nil {
				return nil, err
			}
			for hold := range held.Overlapping(wide) {
				key := attemptKey{hold.Appointment, hold.Sequence}
				if seen[key] {
					continue
				}
				seen[key] = true
				one, counts, err := o.counted(ctx, q, key)
				if err != nil {
					return nil, err
				}
				if counts {
					out = append(out, one)
				}
			}
		}
	}
	return out, nil
}

// attemptKey is one requested visit.
type attemptKey struct {
	appointment domain.AppointmentID
	sequence    int
}

// counted returns the appointment of an attempt, and whether it counts towards the limits of the service.
func (o Openings) counted(ctx context.Context, q Question, key attemptKey) (availability.Booked, bool, error) {
	if err := ctx.Err(); err != nil { // the states may all be in memory, and there may be thousands
		return availability.Booked{}, false, err
	}
	state, _, err := commands.Load(ctx, o.Engine, appointment.Decider, appointment.StreamOf(key.appointment))
	if err != nil || state.Service != q.Service || key.sequence >= len(state.Attempts) {
		return availability.Booked{}, false, err
	}
	attempt := state.Attempts[key.sequence]
	expired := attempt.Outcome == appointment.OutcomeOpen && q.Now.After(attempt.Until)
	return availability.Booked{
		Ref: key.appointment.String(), Start: attempt.Visit.Start,
		ByClient: !q.Client.IsZero() && state.Client == q.Client,
	}, !expired && !attempt.Outcome.Ended(), nil
}

// resourcesOf returns the resources that a service names, each of them once.
func resourcesOf(policy service.Policy) (ids []domain.ResourceID) {
	for _, need := range policy.Requirements {
		for _, choice := range need.AnyOf {
			if !slices.Contains(ids, choice.Resource) {
				ids = append(ids, choice.Resource)
			}
		}
	}
	return ids
}
