package openings_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// wholeTuesday is midnight in São Paulo. The room is open from 11:00 to 21:00 UTC.
var wholeTuesday = time.Date(2016, 5, 3, 3, 0, 0, 0, time.UTC)

func TestBookedStartIsNotFree(t *testing.T) {
	w := commandstest.NewWorld(t)
	all := w.Free(wholeTuesday)
	if len(all) != 10 || all[0] != "11:00" || all[9] != "20:00" {
		t.Fatalf("an empty day has the starts %v, want 11:00 to 20:00", all)
	}
	id := w.Book("a", wholeTuesday)
	if got := w.Free(wholeTuesday); slices.Contains(got, "11:00") || len(got) != 9 {
		t.Fatalf("after a booking at 11:00 the day has the starts %v", got)
	}
	w.Cancel(id)
	if got := w.Free(wholeTuesday); !slices.Equal(got, all) {
		t.Fatalf("after the cancellation the day has the starts %v", got)
	}
}

func TestEveryReturnedStartCanBeBooked(t *testing.T) {
	w := commandstest.NewWorld(t)
	for len(w.Free(wholeTuesday)) > 0 {
		w.Book(domain.DeriveUUID(len(w.Free(wholeTuesday))).String(), wholeTuesday)
	}
	_, _, err := w.Openings.Visit(t.Context(), w.Question(), wholeTuesday.Add(9*time.Hour))
	if !errors.Is(err, diary.ErrSlotTaken) {
		t.Fatalf("Visit on a full day returned %v, want slot_taken", err)
	}
}

// TestQuestionsAtOnceDoNotShareHolds asks about two rooms with different holds, many times at once. Each question uses
// the memory of earlier ones.
func TestQuestionsAtOnceDoNotShareHolds(t *testing.T) {
	w := commandstest.NewWorld(t)
	days := domain.Interval{Start: wholeTuesday, End: wholeTuesday.AddDate(0, 0, 20)}
	questions := []openings.Question{w.Question(), w.Question()}
	var want [2][]availability.Start
	for i := range questions {
		if i == 1 {
			w.Service = domain.DeriveID[domain.ServiceID]("other")
			room := domain.DeriveID[domain.ResourceID]("other")
			w.Do(
				resource.Add{Resource: room, Account: w.Account, Profile: resource.Profile{
					Name: domain.Secret("Room"), Kind: "room", Units: 1,
				}},
				resource.SetWeeklyHours{Resource: room, Zone: "America/Sao_Paulo", Hours: []resource.Hours{
					{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "08:00", To: "18:00"},
				}},
				service.Define{Service: w.Service, Account: w.Account, Policy: service.Policy{
					Name: "Other", DurationMin: 30, Requirements: []service.Requirement{
						{AnyOf: []service.Choice{{Resource: room, Units: 1}}},
					},
				}},
			)
			questions[i] = w.Question()
		}
		for n := range 7 + 20*i {
			w.Book(fmt.Sprint(i, n), wholeTuesday.AddDate(0, 0, n%(3+4*i)))
		}
		var err error
		want[i], err = w.Openings.Between(t.Context(), questions[i], days)
		w.Ok(err)
	}
	var group sync.WaitGroup
	for n := range 16 {
		group.Go(func() {
			for k := range 50 {
				i := (n + k) % 2
				got, err := w.Openings.Between(t.Context(), questions[i], days)
				if err != nil || !reflect.DeepEqual(got, want[i]) {
					t.Errorf("question %d returned %d starts, want %d (%v)", i, len(got), len(want[i]), err)
				}
			}
		})
	}
	group.Wait()
}

func TestTimeBlockRemovesStarts(t *testing.T) {
	w := commandstest.NewWorld(t)
	w.Do(resource.AddTimeBlock{
		Resource: w.Room, Block: domain.DeriveID[domain.BlockID]("lunch"), TimeBlock: resource.TimeBlock{
			Interval: domain.Interval{Start: wholeTuesday.Add(12 * time.Hour), End: wholeTuesday.Add(14 * time.Hour)},
		},
	})
	if got := w.Free(wholeTuesday); slices.Contains(got, "15:00") || slices.Contains(got, "16:00") || len(got) != 8 {
		t.Fatalf("with a block from 15:00 to 17:00 the day has the starts %v", got)
	}
}

func TestDailyLimitCountsOwnServiceOnly(t *testing.T) {
	w := commandstest.NewWorld(t)
	other := domain.DeriveID[domain.ServiceID]("other")
	policy := service.Policy{Name: "Visit", DurationMin: 60, PerDay: 2, Requirements: []service.Requirement{
		{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
	}}
	w.Do(service.Change{Service: w.Service, Policy: policy})
	policy.PerDay = 0
	w.Do(service.Define{Service: other, Account: w.Account, Policy: policy})
	w.Book("a", wholeTuesday)
	w.Service, other = other, w.Service
	w.Book("b", wholeTuesday)
	w.Service = other
	if got := w.Free(wholeTuesday); len(got) != 8 {
		t.Fatalf("after one of two bookings and one of another service the starts are %v, want 8", got)
	}
	w.Book("c", wholeTuesday)
	if got := w.Free(wholeTuesday); len(got) != 0 {
		t.Fatalf("after two of two bookings the starts are %v, want none", got)
	}
}

func TestServiceOfAnotherAccountIsUnknown(t *testing.T) {
	w := commandstest.NewWorld(t)
	question := w.Question()
	question.Account = domain.DeriveID[domain.AccountID]("other")
	if _, err := w.Openings.Explain(t.Context(), question, commandstest.Tuesday); !errors.Is(err, service.ErrUnknown) {
		t.Fatalf("Explain returned %v, want service_unknown", err)
	}
}

func TestEmptyAndTooLongWindowsAreRefused(t *testing.T) {
	w := commandstest.NewWorld(t)
	for _, window := range []domain.Interval{
		{Start: commandstest.Monday, End: commandstest.Monday},
		{Start: commandstest.Monday, End: commandstest.Monday.AddDate(1, 0, 0)},
	} {
		if _, err := w.Openings.Between(t.Context(), w.Question(), window); !errors.Is(err, openings.ErrWindow) {
			t.Errorf("Between %v returned %v, want window_invalid", window, err)
		}
	}
}

// TestQuestionsThatCostTooMuchAreRefused asks about a service with ten requirements of 290 rooms, on a grid of minutes.
func TestQuestionsThatCostTooMuchAreRefused(t *testing.T) {
	w := commandstest.NewWorld(t)
	var rooms []service.Choice
	for i := range 290 {
		id := domain.DeriveID[domain.ResourceID](fmt.Sprint("room ", i))
		profile := resource.Profile{Name: domain.Secret("Room"), Kind: "room", Units: 1}
		w.Do(resource.Add{Resource: id, Account: w.Account, Profile: profile})
		rooms = append(rooms, service.Choice{Resource: id, Units: 1})
	}
	policy := service.Policy{Name: "Visit", DurationMin: 1, Requirements: slices.Repeat(
		[]service.Requirement{{AnyOf: rooms}}, 10)}
	w.Do(service.Change{Service: w.Service, Policy: policy})
	month := domain.Interval{Start: wholeTuesday, End: wholeTuesday.AddDate(0, 0, 31)}
	_, between := w.Openings.Between(t.Context(), w.Question(), month)
	_, explain := w.Openings.Explain(t.Context(), w.Question(), wholeTuesday)
	_, _, visit := w.Openings.Visit(t.Context(), w.Question(), wholeTuesday)
	for what, err := range map[string]error{"Between": between, "Explain": explain, "Visit": visit} {
		if refusal, ok := domain.AsRefusal(err); !ok || refusal.Code != "question_too_large" {
			t.Errorf("%s returned %v, want question_too_large", what, err)
		}
	}
}
