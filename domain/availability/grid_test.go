package availability

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const mins = time.Minute

// clocks formats starts as local times of day.
func clocks(at []time.Time, zone *time.Location) string {
	var out []string
	for _, t := range at {
		out = append(out, t.In(zone).Format("15:04"))
	}
	return strings.Join(out, " ")
}

func TestStartsIn(t *testing.T) {
	hour := Rules{Duration: 60 * mins}
	packed := Rules{Duration: 60 * mins, Packing: Packed}
	tests := []struct {
		what     string
		rules    Rules
		zone     string
		earliest string // UTC
		free     []string
		want     string // local
	}{
		{"grid: up to the hour", hour, "UTC", "", []string{"09:05/12:55"}, "10:00 11:00"},
		{"grid: of the viewer's hour", hour, "Asia/Kolkata", "", []string{"02:00/04:00"}, "08:00"},
		{"grid: a quarter off the hour", hour, "Asia/Kathmandu", "", []string{"02:15/05:15"}, "08:00 09:00 10:00"},
		{"45 minutes: steps of 15", Rules{Duration: 45 * mins}, "UTC", "", []string{"09:05/11:00"}, "09:15 10:00"},
		{"8 minutes: steps of one", Rules{Duration: 8 * mins}, "UTC", "", []string{"07:22/08:00"}, "07:22 07:30 07:38 07:46"},
		{
			"interval and duration differ",
			Rules{Duration: 60 * mins, Interval: 30 * mins},
			"UTC", "",
			[]string{"09:00/11:00"},
			"09:00 09:30 10:00",
		},
		{
			"an offset spreads the series",
			Rules{Duration: 25 * mins, Offset: 5 * mins},
			"UTC", "",
			[]string{"09:30/11:00"},
			"09:35 10:05 10:35",
		},
		{"no second is shown", Rules{Duration: 5 * mins}, "UTC", "", []string{"09:00:01/09:12"}, "09:05"},
		{"notice cuts a range", hour, "UTC", "10:20:30", []string{"09:00/14:00"}, "11:00 12:00 13:00"},
		{"a start exactly at the notice counts", hour, "UTC", "10:00", []string{"09:00/12:00"}, "10:00 11:00"},
		{"too short", hour, "UTC", "", []string{"09:00/09:59"}, ""},
		{
			"overlap: one series",
			Rules{Duration: 20 * mins},
			"UTC", "",
			[]string{"11:20/12:40", "11:00/12:00"},
			"11:00 11:20 11:40 12:00 12:20",
		},
		{
			"overlap: snaps to the slot's end",
			Rules{Duration: 45 * mins},
			"UTC", "",
			[]string{"11:00/13:00", "11:15/13:00"},
			"11:00 11:45",
		},
		{
			"overlap: snaps to the slot's start",
			Rules{Duration: 45 * mins},
			"UTC", "",
			[]string{"11:00/11:50", "10:50/12:40"},
			"11:00 11:45",
		},
		{
			"packed: to the hour, nothing lost", packed, "UTC", "",
			[]string{"07:45/15:30"},
			"08:00 09:00 10:00 11:00 12:00 13:00 14:00",
		},
		{"packed: to the quarter", packed, "UTC", "", []string{"09:05/12:55"}, "09:15 10:15 11:15"},
		{
			"packed: to five minutes",
			Rules{Duration: 15 * mins, Packing: Packed},
			"UTC", "",
			[]string{"11:22/11:55"},
			"11:25 11:40",
		},
		{"packed: not at all", packed, "UTC", "", []string{"09:30/11:30"}, "09:30 10:30"},
		{"packed: seconds are cut off first", packed, "UTC", "", []string{"11:22:36/14:00"}, "12:00 13:00"},
		{
			"consecutive: the two ends",
			Rules{Duration: 60 * mins, Packing: ConsecutiveOnly},
			"UTC", "",
			[]string{"09:10/14:00"},
			"09:10 13:00",
		},
		{
			"consecutive: no end made by the notice",
			Rules{Duration: 60 * mins, Packing: ConsecutiveOnly},
			"UTC", "10:00",
			[]string{"09:10/14:00"},
			"13:00",
		},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			if err := tt.rules.Check(); err != nil {
				t.Fatal(err)
			}
			earliest := epoch
			if tt.earliest != "" {
				at, err := ParseClock(tt.earliest)
				if err != nil {
					t.Fatal(err)
				}
				earliest = epoch.Add(at)
			}
			var free []Interval
			for _, f := range tt.free {
				free = append(free, utc(t, "2024-05-31 "+f)...)
			}
			zone := mustZone(t, tt.zone)
			if got := clocks(tt.rules.StartsIn(free, earliest, zone), zone); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTheGridFollowsTheClockChange(t *testing.T) {
	zone := mustZone(t, "Australia/Lord_Howe") // 02:00 becomes 02:30
	free := []Interval{{time.Date(2023, 9, 30, 15, 10, 0, 0, time.UTC), time.Date(2023, 9, 30, 17, 0, 0, 0, time.UTC)}}
	got := Rules{Duration: 60 * mins}.StartsIn(free, epoch.AddDate(-2, 0, 0), zone)
	if c := clocks(got, zone); c != "03:00" {
		t.Errorf("starts at %q, want 03:00, the first full hour after the change", c)
	}
}

func TestInvalidRulesAreRefused(t *testing.T) {
	for _, r := range []Rules{
		{},
		{Duration: time.Second},
		{Duration: mins, Interval: time.Second},
		{Duration: mins, Interval: -mins},
		{Duration: mins, Offset: -mins},
		{Duration: mins, Notice: -mins},
		{Duration: mins, BufferAfter: -mins},
	} {
		if r.Check() == nil {
			t.Errorf("%+v was accepted", r)
		}
	}
	if _, err := ParsePacking("tight"); err == nil {
		t.Error("an unknown packing was accepted")
	}
	for _, p := range []Packing{LocalHourGrid, Packed, ConsecutiveOnly} {
		if got, err := ParsePacking(p.String()); err != nil || got != p {
			t.Errorf("%s reads back as %s, %v", p, got, err)
		}
	}
}

// Under any rules, starts rise, respect earliest, have no seconds and fit into a free range.
func TestStartsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Rules{
			Duration: time.Duration(rapid.IntRange(1, 12).Draw(t, "duration")) * mins,
			Interval: time.Duration(rapid.IntRange(0, 12).Draw(t, "interval")) * mins,
			Offset:   time.Duration(rapid.IntRange(0, 3).Draw(t, "offset")) * mins,
			Packing:  Packing(rapid.IntRange(0, 2).Draw(t, "packing")),
		}
		free, earliest := someIntervals.Draw(t, "free"), minute(rapid.IntRange(0, 30).Draw(t, "earliest"))
		last := time.Time{}
		for _, at := range r.StartsIn(free, earliest, time.UTC) {
			slot, fits := Interval{at, at.Add(r.Duration)}, false
			for _, f := range free {
				fits = fits || f.span().covers(slot.span())
			}
			if !fits || at.Before(earliest) || !at.After(last) || at.Second() != 0 {
				t.Fatalf("start %s after %s", at, last)
			}
			last = at
		}
	})
}

func TestGridInWindow(t *testing.T) {
	tests := []struct {
		free               [][2]int64
		window             [2]int64
		duration, interval int64
		want               []int64
	}{
		{nil, [2]int64{0, 100}, 10, 10, []int64{}},
		{[][2]int64{{2, 42}}, [2]int64{0, 100}, 10, 10, []int64{10, 20, 30}},
		{[][2]int64{{0, 22}, {30, 50}}, [2]int64{0, 100}, 10, 10, []int64{0, 10, 30, 40}},
		{[][2]int64{{80, 90}, {90, 100}}, [2]int64{0, 100}, 20, 10, []int64{}},
		{[][2]int64{{2, 30}}, [2]int64{10, 100}, 10, 10, []int64{10, 20}},
		{[][2]int64{{81, 120}}, [2]int64{0, 100}, 10, 10, []int64{90}},
		{[][2]int64{{-20, 20}}, [2]int64{-15, 20}, 10, 15, []int64{-15, 0}},
		{[][2]int64{{0, 9}}, [2]int64{0, 9}, 0, 1, []int64{}},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if got := GridInWindow(tt.free, tt.window, tt.duration, tt.interval); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
