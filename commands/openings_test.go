package commands_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

func (w *world) ask() commands.Ask {
	return commands.Ask{Account: w.account, Service: w.service, Now: w.now}
}

func (w *world) free(day time.Time) (starts []string) {
	w.t.Helper()
	free, err := w.openings.Between(w.t.Context(), w.ask(), domain.Interval{Start: day, End: day.Add(24 * time.Hour)})
	w.ok(err)
	for _, start := range free {
		starts = append(starts, start.At.Format("15:04"))
	}
	return starts
}

// Tuesday from midnight in São Paulo; the room is open from 11:00 to 21:00 UTC.
var wholeTuesday = time.Date(2016, 5, 3, 3, 0, 0, 0, time.UTC)

func TestWhatIsBookedIsFreeNoMore(t *testing.T) {
	w := newWorld(t)
	all := w.free(wholeTuesday)
	if len(all) != 10 || all[0] != "11:00" || all[9] != "20:00" {
		t.Fatalf("an empty day is free at %v", all)
	}
	id := w.book("a", wholeTuesday)
	if got := w.free(wholeTuesday); slices.Contains(got, "11:00") || len(got) != 9 {
		t.Fatalf("after a booking the day is free at %v", got)
	}
	_, err := w.booking.Cancel(t.Context(), w.origin(), appointment.Cancel{Appointment: id, By: appointment.Staff})
	w.ok(err)
	if got := w.free(wholeTuesday); !slices.Equal(got, all) {
		t.Fatalf("after a cancellation the day is free at %v", got)
	}
}

func TestEveryShownStartCanBeBooked(t *testing.T) {
	w := newWorld(t)
	for len(w.free(wholeTuesday)) > 0 {
		w.book(domain.DeriveUUID(len(w.free(wholeTuesday))).String(), wholeTuesday)
	}
	_, _, err := w.openings.Visit(t.Context(), w.ask(), wholeTuesday.Add(9*time.Hour))
	if !errors.Is(err, diary.ErrSlotTaken) {
		t.Fatalf("a full day answers %v", err)
	}
}

func TestATimeBlockTakesAway(t *testing.T) {
	w := newWorld(t)
	w.do(resource.AddTimeBlock{
		Resource: w.room, Block: domain.DeriveID[domain.BlockID]("lunch"), TimeBlock: resource.TimeBlock{
			Interval: domain.Interval{Start: wholeTuesday.Add(12 * time.Hour), End: wholeTuesday.Add(14 * time.Hour)},
		},
	})
	if got := w.free(wholeTuesday); slices.Contains(got, "15:00") || slices.Contains(got, "16:00") || len(got) != 8 {
		t.Fatalf("with a block from 15:00 to 17:00 the day is free at %v", got)
	}
}

func TestALimitOfTheDayCountsThisServiceOnly(t *testing.T) {
	w := newWorld(t)
	other := domain.DeriveID[domain.ServiceID]("other")
	policy := service.Policy{Name: "Visit", DurationMin: 60, PerDay: 2, Requirements: []service.Requirement{
		{AnyOf: []service.Choice{{Resource: w.room, Units: 1}}},
	}}
	w.do(service.Change{Service: w.service, Policy: policy})
	policy.PerDay = 0
	w.do(service.Define{Service: other, Account: w.account, Policy: policy})
	w.book("a", wholeTuesday)
	w.service, other = other, w.service
	w.book("b", wholeTuesday)
	w.service = other
	if got := w.free(wholeTuesday); len(got) != 8 {
		t.Fatalf("one of two taken, and one of another service: free at %v", got)
	}
	w.book("c", wholeTuesday)
	if got := w.free(wholeTuesday); len(got) != 0 {
		t.Fatalf("two of two taken: free at %v", got)
	}
}

func TestAnotherAccountsServiceIsUnknown(t *testing.T) {
	w := newWorld(t)
	ask := w.ask()
	ask.Account = domain.DeriveID[domain.AccountID]("other")
	if _, err := w.openings.Explain(t.Context(), ask, tuesday); !errors.Is(err, service.ErrUnknown) {
		t.Fatalf("it was answered %v", err)
	}
}

func TestATooLongWindowIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, window := range []domain.Interval{
		{Start: monday, End: monday}, {Start: monday, End: monday.AddDate(1, 0, 0)},
	} {
		if _, err := w.openings.Between(t.Context(), w.ask(), window); !errors.Is(err, commands.ErrWindow) {
			t.Errorf("%v was answered %v", window, err)
		}
	}
}
