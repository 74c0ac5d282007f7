package booking_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
)

func TestReinstatementTakesTheHoldsAgain(t *testing.T) {
	w := commandstest.NewWorld(t)
	id := w.Book("a", commandstest.Tuesday)
	w.Cancel(id)
	of := booking.Reinstatement{Appointment: id, Account: w.Account}
	origin := w.Origin().WithID(domain.DeriveUUID("reinstate"))
	first, err := w.Bookings.Reinstate(t.Context(), origin, of)
	w.Ok(err)
	if free := w.Free(commandstest.Tuesday); slices.Contains(free, "15:00") {
		t.Errorf("after the reinstatement at 15:00 the starts are %v", free)
	}
	again, err := w.Bookings.Reinstate(t.Context(), origin, of)
	if err != nil || again.Position != first.Position {
		t.Errorf("the same reinstatement again returned %v, %v, want %v", again, err, first)
	}
	expectStory(t, w, id, "Requested", "Booked", "Cancelled", "RescheduleRequested", "Reinstated")
	w.Cancel(id)
	if free := w.Free(commandstest.Tuesday); !slices.Contains(free, "15:00") {
		t.Errorf("after the second cancellation the starts are %v", free)
	}
}

func TestReinstatementIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		given func(*commandstest.World)
		want  error
	}{
		"when the time is taken": {func(w *commandstest.World) { w.Book("b", commandstest.Tuesday) }, diary.ErrSlotTaken},
		"for an erased client":   {func(w *commandstest.World) { w.Do(client.Erase{Client: w.Ana}) }, client.ErrErased},
		"of a retired resource":  {func(w *commandstest.World) { w.Do(resource.Retire{Resource: w.Room}) }, resource.ErrRetired},
		"when the day is closed": {
			func(w *commandstest.World) { w.Now = commandstest.Tuesday.Add(36 * time.Hour) }, appointment.ErrDayClosed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := commandstest.NewWorld(t)
			id := w.Book("a", commandstest.Tuesday)
			w.Cancel(id)
			c.given(w)
			origin := w.Origin().WithID(domain.DeriveUUID(name))
			_, err := w.Bookings.Reinstate(t.Context(), origin, booking.Reinstatement{Appointment: id, Account: w.Account})
			if !errors.Is(err, c.want) {
				t.Errorf("Reinstate returned %v, want %v", err, c.want)
			}
		})
	}
}
