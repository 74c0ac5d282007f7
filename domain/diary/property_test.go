package diary_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/diary"
)

// The model is a list of holds, counted at every minute of the month.
func TestDiaryAgreesWithCountingEveryMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.IntRange(1, 4).Draw(t, "capacity")
		state, model := diary.State{}, map[diary.UnitsReleased]int{}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			who := domain.AppointmentID{UUID: domain.DeriveUUID(rapid.IntRange(0, 4).Draw(t, "who"))}
			sequence := rapid.IntRange(0, 2).Draw(t, "sequence")
			start := at(28, 0, rapid.IntRange(0, 3*24*6).Draw(t, "start")*10)
			interval := between(start, start.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "length"))*10*time.Minute))
			key := released(who, sequence, interval)
			var command diary.Command = release(who, sequence, interval)
			isHold, units := rapid.Bool().Draw(t, "hold"), rapid.IntRange(1, capacity).Draw(t, "units")
			if isHold {
				command = hold(who, sequence, interval, units, capacity)
			}
			if isHold && start.Month() != time.April {
				continue
			}
			events, err := diary.Decider.Decide(state, command)
			_, already := model[key]
			fits := already || counted(model, key)+units <= capacity
			switch {
			case isHold && (err == nil) != fits:
				t.Fatalf("%v fits: %v, but the diary returns %v", key, fits, err)
			case isHold && fits && !already:
				model[key] = units
			case !isHold:
				delete(model, key)
			}
			state = fold(state, events)
		}
		if got := heldIn(state); !reflect.DeepEqual(got, model) {
			t.Fatalf("the diary holds %v, not %v", got, model)
		}
	})
}

func counted(model map[diary.UnitsReleased]int, command diary.UnitsReleased) int {
	most := 0
	for t := command.Interval.Start; t.Before(command.Interval.End); t = t.Add(10 * time.Minute) {
		units := 0
		for other, n := range model {
			own := other.Appointment == command.Appointment && other.Sequence != command.Sequence
			if !own && !t.Before(other.Interval.Start) && t.Before(other.Interval.End) {
				units += n
			}
		}
		most = max(most, units)
	}
	return most
}

func heldIn(state diary.State) map[diary.UnitsReleased]int {
	all := map[diary.UnitsReleased]int{}
	for h := range state.Overlapping(between(at(1, 0, 0), at(60, 0, 0))) {
		all[released(h.Appointment, h.Sequence, h.Interval())] += h.Units
	}
	return all
}

func fold(state diary.State, events []diary.Event) diary.State {
	for _, event := range events {
		state = diary.Decider.Evolve(state, event)
	}
	return state
}

// Snapshots are JSON.
func TestStateSurvivesJSON(t *testing.T) {
	state := fullMonth(200)
	data, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	var back diary.State
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, state) {
		t.Fatalf("a snapshot reads back different\n got: %v\nwant: %v", back, state)
	}
}

// fullMonth is a month with n holds of 5 minutes, as many units as it takes.
func fullMonth(n int) diary.State {
	state := diary.State{}
	for i := range n {
		state = diary.Decider.Evolve(state, nth(i, n))
	}
	return state
}

func nth(i, n int) diary.UnitsHeld {
	start := at(1, 0, 0).Add(time.Duration(i*7919%n) * (30 * 24 * time.Hour / time.Duration(n))).Truncate(time.Minute)
	who := domain.AppointmentID{UUID: domain.DeriveUUID(fmt.Sprint(i))}
	return held(who, 0, between(start, start.Add(5*time.Minute)), 1)
}

func BenchmarkFold8000(b *testing.B) {
	events := make([]diary.Event, 8000)
	for i := range events {
		events[i] = nth(i, len(events))
	}
	for b.Loop() {
		diary.Decider.Fold(events...)
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkHoldIn8000(b *testing.B) {
	state := fullMonth(8000)
	command := hold(ann, 0, between(at(15, 10, 0), at(15, 11, 0)), 1, 1000)
	for b.Loop() {
		events, err := diary.Decider.Decide(state, command)
		if err != nil {
			b.Fatal(err)
		}
		fold(state, events)
	}
}

// TestSnapshotsOfEarlierVersionsAreRead reads the form that also had the time limit of each hold.
func TestSnapshotsOfEarlierVersionsAreRead(t *testing.T) {
	data := `{"days":[{"date":16911,"held":[{"appointment":"` + ann.String() + `","sequence":2,"interval":` +
		`{"start":"2016-04-20T10:00:00Z","end":"2016-04-20T11:00:00Z"},"units":3,"until":"2016-04-20T09:05:00Z"}]}]}`
	var got diary.State
	if err := json.Unmarshal([]byte(data), &got); err != nil {
		t.Fatal(err)
	}
	want := diary.Decider.Fold(held(ann, 2, between(at(20, 10, 0), at(20, 11, 0)), 3))
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("the snapshot reads as %v, want %v", got, want)
	}
}
