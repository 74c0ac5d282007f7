package openings_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/diary"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// policyOf returns a policy of the room that tests change.
func policyOf(w *commandstest.World, minutes int) service.Policy {
	return service.Policy{Name: "Visit", DurationMin: minutes, Requirements: []service.Requirement{
		{AnyOf: []service.Choice{{Resource: w.Room, Units: 1}}},
	}}
}

func refused(code string) error { return domain.Refuse(domain.Disallowed, code, "") }

func TestVisitRefusesWhatExplainRefuses(t *testing.T) {
	w := commandstest.NewWorld(t)
	policy := policyOf(w, 45)
	policy.IntervalMin = 15
	w.Do(service.Change{Service: w.Service, Policy: policy})
	for at, want := range map[time.Duration]error{
		8 * time.Hour: nil, 8*time.Hour + 45*time.Minute: nil, 8*time.Hour + 7*time.Minute: refused("off_grid"),
		8*time.Hour + 15*time.Second: refused("off_grid"), 8*time.Hour + time.Millisecond: refused("off_grid"),
		2 * time.Hour: refused("outside_hours"),
	} {
		start := wholeTuesday.Add(at)
		reasons, err := w.Openings.Explain(t.Context(), w.Question(), start)
		w.Ok(err)
		if len(reasons) == 0 != (want == nil) {
			t.Errorf("Explain of %s returned %v", start, reasons)
		}
		if _, _, err := w.Openings.Visit(t.Context(), w.Question(), start); !errors.Is(err, want) {
			t.Errorf("Visit at %s returned %v, want %v", start, err, want)
		}
	}
}

// Every start that is listed can be booked, however far the list reaches and wherever the free range began.
func TestEveryStartOfALongListCanBeBooked(t *testing.T) {
	w := commandstest.NewWorld(t)
	always, err := resource.NewWeeklyHours(w.Room, "America/Sao_Paulo",
		[]resource.Hours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"}})
	w.Ok(err)
	w.Do(always)
	for _, minutes := range []int{45, 50, 90, 25 * 60} {
		w.Do(service.Change{Service: w.Service, Policy: policyOf(w, minutes)})
		w.Now = commandstest.Monday.Add(17*time.Minute + 3*time.Second)
		w.Book(domain.DeriveUUID("a", minutes).String(), wholeTuesday.Add(50*time.Hour))
		found, err := w.Openings.Between(t.Context(), w.Question(),
			domain.Interval{Start: commandstest.Monday, End: commandstest.Monday.AddDate(0, 0, 25)})
		w.Ok(err)
		for _, one := range found {
			if _, _, err := w.Openings.Visit(t.Context(), w.Question(), one.At); err != nil {
				t.Fatalf("%d minutes: the listed start %s is refused: %v", minutes, one.At, err)
			}
		}
	}
}

// The room opens at 11:00 UTC. At 11:00 a start at 12:00 keeps the notice of an hour.
func TestVisitAcceptsAStartThatWasShownMomentsAgo(t *testing.T) {
	for after, want := range map[time.Duration]error{
		0: nil, 30 * time.Second: nil, 5 * time.Minute: nil, 5*time.Minute + time.Second: refused("short_notice"),
	} {
		w := commandstest.NewWorld(t)
		policy := policyOf(w, 60)
		policy.MinNoticeMin = 60
		w.Do(service.Change{Service: w.Service, Policy: policy})
		w.Now = wholeTuesday.Add(8*time.Hour + after)
		if _, _, err := w.Openings.Visit(t.Context(), w.Question(), wholeTuesday.Add(9*time.Hour)); !errors.Is(err, want) {
			t.Errorf("%s after it was shown Visit returned %v, want %v", after, err, want)
		}
	}
}

// At 10:50 local time lessons of 50 minutes are offered at 10:50, 11:40 and so on; at 10:51 they are at 11:00, 11:50.
func TestVisitAcceptsAStartThatWasOnTheGridMomentsAgo(t *testing.T) {
	shown := wholeTuesday.Add(11*time.Hour + 40*time.Minute)
	for after, want := range map[time.Duration]error{
		0: nil, time.Minute: nil, 5 * time.Minute: nil, 6 * time.Minute: refused("off_grid"),
	} {
		w := commandstest.NewWorld(t)
		w.Do(service.Change{Service: w.Service, Policy: policyOf(w, 50)})
		w.Now = wholeTuesday.Add(10*time.Hour + 50*time.Minute + after)
		if _, _, err := w.Openings.Visit(t.Context(), w.Question(), shown); !errors.Is(err, want) {
			t.Errorf("%s after it was shown Visit returned %v, want %v", after, err, want)
		}
	}
}

func TestOverrideBreaksRulesAndNoUnits(t *testing.T) {
	w := commandstest.NewWorld(t)
	policy := policyOf(w, 60)
	policy.MinNoticeMin, policy.HorizonDays = 120, 10
	w.Do(service.Change{Service: w.Service, Policy: policy})
	w.Book("a", wholeTuesday)
	for name, c := range map[string]struct {
		at   time.Time
		want []string
		err  error
	}{
		"a free start":      {wholeTuesday.Add(9 * time.Hour), nil, nil},
		"off the grid":      {wholeTuesday.Add(9*time.Hour + 7*time.Minute), []string{"off_grid"}, nil},
		"with short notice": {w.Now.Add(time.Hour), []string{"short_notice"}, nil},
		"at night":          {wholeTuesday.Add(30 * time.Hour), []string{"outside_hours"}, nil},
		"last night":        {wholeTuesday.Add(-20 * time.Hour), []string{"in_the_past", "outside_hours"}, nil},
		"after the horizon": {wholeTuesday.AddDate(0, 0, 13).Add(9 * time.Hour), []string{"beyond_horizon"}, nil},
		"taken":             {wholeTuesday.Add(8*time.Hour + 30*time.Minute), nil, diary.ErrSlotTaken},
		"with seconds":      {wholeTuesday.Add(9*time.Hour + time.Second), nil, refused("off_grid")},
	} {
		visit, _, broken, err := w.Openings.Override(t.Context(), w.Question(), c.at)
		if !errors.Is(err, c.err) || !reflect.DeepEqual(broken, c.want) {
			t.Errorf("%s: broke %v with error %v, want %v and %v", name, broken, err, c.want, c.err)
		}
		if err == nil && (!visit.Start.Equal(c.at) || len(visit.Legs) != 1 || visit.Zone != "America/Sao_Paulo") {
			t.Errorf("%s: the visit is %+v", name, visit)
		}
	}
}

// Of two rooms, one is closed and the other is open. Neither an override nor its record touches the closed one.
func TestOverridePrefersAnOpenResource(t *testing.T) {
	w := commandstest.NewWorld(t)
	closed := domain.DeriveID[domain.ResourceID]("closed")
	profile, err := resource.NewProfile("Closed", "room", 1)
	w.Ok(err)
	policy := policyOf(w, 60)
	policy.MinNoticeMin = 120
	policy.Requirements[0].AnyOf = slices.Insert(policy.Requirements[0].AnyOf, 0, service.Choice{Resource: closed, Units: 1})
	w.Do(resource.Add{Resource: closed, Account: w.Account, Profile: profile},
		service.Change{Service: w.Service, Policy: policy})
	visit, _, broken, err := w.Openings.Override(t.Context(), w.Question(), w.Now.Add(time.Hour))
	w.Ok(err)
	if visit.Legs[0].Resource != w.Room || !slices.Equal(broken, []string{"short_notice"}) {
		t.Errorf("the override took %v and broke %v, want the open room and short_notice", visit.Legs, broken)
	}
}

// A choice takes its own units, not those of the choices after it.
func TestVisitTakesTheUnitsOfTheChosenResource(t *testing.T) {
	w := commandstest.NewWorld(t)
	hall := domain.DeriveID[domain.ResourceID]("hall")
	w.Do(resource.Add{Resource: hall, Account: w.Account, Profile: resource.Profile{
		Name: domain.Secret("Hall"), Kind: "room", Units: 4,
	}})
	always, err := resource.NewWeeklyHours(hall, "America/Sao_Paulo",
		[]resource.Hours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: "00:00", To: "24:00"}})
	w.Ok(err)
	w.Do(always)
	policy := policyOf(w, 60)
	policy.Requirements[0].AnyOf = slices.Insert(policy.Requirements[0].AnyOf, 0, service.Choice{Resource: hall, Units: 3})
	w.Do(service.Change{Service: w.Service, Policy: policy})
	start := wholeTuesday.Add(9 * time.Hour)
	for _, want := range []struct {
		resource domain.ResourceID
		units    int
	}{{hall, 3}, {w.Room, 1}} { // the hall has one unit left for the second appointment
		visit, _, err := w.Openings.Visit(t.Context(), w.Question(), start)
		w.Ok(err)
		if len(visit.Legs) != 1 || visit.Legs[0].Resource != want.resource || visit.Legs[0].Units != want.units {
			t.Fatalf("the visit takes %+v, want %d of %s", visit.Legs, want.units, want.resource)
		}
		w.Book(want.resource.String(), start)
	}
}
