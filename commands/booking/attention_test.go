package booking_test

import (
	"context"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/resource"
)

// known is a booking.Ahead that knows some appointments.
type known []domain.AppointmentID

func (k known) Ahead(context.Context, domain.AccountID, booking.Touching) ([]domain.AppointmentID, error) {
	return k, nil
}

func TestAttentionFollowsTheLogToo(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Book("a", commandstest.Tuesday)
	attention := booking.Attention{Bookings: w.Bookings, Ahead: known{id}}
	for _, gap := range w.Gaps(attention.Handler()) {
		t.Error(gap)
	}
	handle := func(event domain.Event) {
		t.Helper()
		w.Ok(attention.Handler().React(t.Context(), commands.Origin{},
			domain.Recorded{Event: event, Meta: domain.Metadata{Account: w.Account}}))
	}
	block := domain.DeriveID[domain.BlockID]("time off")
	w.Do(resource.AddTimeBlock{Resource: w.Room, Block: block, TimeBlock: resource.TimeBlock{
		Interval: domain.Interval{Start: commandstest.Tuesday.Add(-time.Hour), End: commandstest.Tuesday.Add(24 * time.Hour)},
	}})
	handle(resource.TimeBlockAdded{Resource: w.Room, Block: block})
	handle(resource.TimeBlockAdded{Resource: w.Room, Block: block})
	expectStory(t, w, id, "Requested", "Booked", "AttentionNeeded")
	w.Do(resource.RemoveTimeBlock{Resource: w.Room, Block: block})
	handle(resource.TimeBlockRemoved{Resource: w.Room, Block: block})
	expectStory(t, w, id, "Requested", "Booked", "AttentionNeeded", "AttentionSettled")
	state, _ := current(w, id)
	if state.NeedsAttention(appointment.TimeOff, block.UUID) {
		t.Error("the time off is gone, and the appointment still needs attention")
	}
}
