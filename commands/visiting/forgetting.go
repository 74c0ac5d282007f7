package visiting

import (
	"context"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
)

// Forgetting returns the handler that forgets visitors who did not book: what they gave is erased when their hold ends.
func (v *Visiting) Forgetting() commands.Handler {
	react := func(ctx context.Context, origin commands.Origin, r domain.Recorded) error {
		switch event := r.Event.(type) {
		case appointment.HoldEnded:
			return v.forgetAs(ctx, origin, event.Appointment)
		default:
			return domain.Unexpected(r)
		}
	}
	return commands.Handler{Name: "forgetting visitors", Types: domain.NamesOf(appointment.HoldEnded{}), React: react}
}

// forget erases the visitor of a hold that was refused, unless it was booked.
func (v *Visiting) forget(ctx context.Context, at Page, id domain.AppointmentID) error {
	return v.forgetAs(context.WithoutCancel(ctx), v.origin(at, "forget", id), id)
}

func (v *Visiting) forgetAs(ctx context.Context, origin commands.Origin, id domain.AppointmentID) error {
	state, err := v.state(ctx, id)
	if err != nil {
		return err
	}
	attempt, isHold := state.Held()
	if !isHold || !attempt.Outcome.Ended() {
		return nil
	}
	visitor := clientOf(id)
	known, _, err := commands.Load(ctx, v.engine(), client.Decider, client.Stream(visitor))
	if err != nil {
		return err
	}
	if known.Exists() {
		_, err = v.Eraser.Erase(ctx, origin, visitor)
		return err
	}
	if state.Hold.Given.IsZero() {
		return nil
	}
	return v.Eraser.Forget(ctx, visitor)
}
