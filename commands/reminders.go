package commands

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
)

// standsNoMore says why a reminder of this revision of an appointment must not go out, "" when it must.
func standsNoMore(ctx context.Context, e *Engine, id domain.AppointmentID, sequence int) (string, error) {
	state, _, err := Load(ctx, e, appointment.Decider, appointment.StreamOf(id))
	switch {
	case err != nil:
		return "", err
	case state.Sequence != sequence:
		return "moved", nil
	case state.Status != appointment.StatusBooked && state.Status != appointment.StatusArrived:
		return "cancelled", nil
	}
	return "", nil
}
