package availability

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func parseDate(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// utc parses "2024-05-31 09:00/17:00"; an end past 24:00 is on the next day.
func utc(t testing.TB, list ...string) []Interval {
	t.Helper()
	out := []Interval{}
	for _, s := range list {
		on, times, _ := strings.Cut(s, " ")
		from, to, _ := strings.Cut(times, "/")
		h, err := ParseHours(from, to)
		if err != nil {
			t.Fatal(err)
		}
		d := parseDate(t, on)
		out = append(out, Interval{d.utc().Add(h.From), d.utc().Add(h.To)})
	}
	return out
}

func daily(from, to time.Duration) []Weekly {
	return []Weekly{{Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, Hours: Hours{from * time.Hour, to * time.Hour}}}
}

func TestOpen(t *testing.T) {
	lisbon, utcZone := mustZone(t, "Europe/Lisbon"), time.UTC
	friday := parseDate(t, "2024-05-31")
	block := func(s string, b TimeBlock) []TimeBlock { b.Interval = utc(t, s)[0]; return []TimeBlock{b} }
	day := utc(t, "2024-05-31 00:00/24:00")[0]
	tests := []struct {
		what     string
		schedule Schedule
		service  string
		want     []Interval
	}{
		{"nothing said, nothing open", Schedule{Zone: utcZone}, "", utc(t)},
		{"weekly", Schedule{Zone: lisbon, Weekly: daily(9, 17)}, "", utc(t, "2024-05-31 08:00/16:00")},
		{
			"past midnight, from the day before too",
			Schedule{Zone: utcZone, Weekly: daily(22, 26)},
			"",
			utc(t, "2024-05-30 22:00/26:00", "2024-05-31 22:00/26:00"),
		},
		{
			"hours that touch at midnight are one range",
			Schedule{Zone: utcZone, Weekly: []Weekly{
				{[]time.Weekday{5}, Hours{20 * time.Hour, 24 * time.Hour}}, {[]time.Weekday{6}, Hours{0, 3 * time.Hour}},
			}},
			"", utc(t, "2024-05-31 20:00/27:00"),
		},
		{
			"days around the clock are one range, from Monday's first hour to Friday's last",
			Schedule{Zone: utcZone, Weekly: []Weekly{
				{[]time.Weekday{1, 2, 3, 4, 5}, Hours{0, 24 * time.Hour}}, {[]time.Weekday{1}, Hours{0, 8 * time.Hour}},
			}},
			"",
			[]Interval{{friday.AddDays(-4).utc(), friday.AddDays(1).utc()}},
		},
		{
			"hours that never end are shown to a day on either side",
			Schedule{Zone: utcZone, Weekly: daily(0, 24)},
			"",
			[]Interval{{friday.AddDays(-1).utc(), friday.AddDays(3).utc()}},
		},
		{
			"an override replaces the date, several add up",
			Schedule{Zone: utcZone, Weekly: daily(9, 17), Overrides: []Override{
				{friday, []Hours{{10 * time.Hour, 11 * time.Hour}}}, {friday, []Hours{{14 * time.Hour, 15 * time.Hour}}},
			}},
			"", utc(t, "2024-05-31 10:00/11:00", "2024-05-31 14:00/15:00"),
		},
		{
			"an empty override closes",
			Schedule{Zone: utcZone, Weekly: daily(9, 17), Overrides: []Override{{Date: friday}}},
			"", utc(t),
		},
		{
			"equal times mean no hours",
			Schedule{Zone: utcZone, Overrides: []Override{{friday, []Hours{{0, 0}}}}},
			"", utc(t),
		},
		{
			"away beats an override and what reaches in from the night before",
			Schedule{Zone: utcZone, Weekly: daily(22, 26), Away: []Days{{friday, friday}}},
			"", utc(t),
		},
		{
			"a stay moves the hours of its dates",
			Schedule{Zone: lisbon, Weekly: daily(9, 17), Stays: []Stay{{Days{From: friday}, mustZone(t, "Asia/Kolkata")}}},
			"", utc(t, "2024-05-31 03:30/11:30"),
		},
		{
			"a block takes away",
			Schedule{Zone: utcZone, Weekly: daily(9, 17), Blocks: block("2024-05-31 12:00/13:00", TimeBlock{})},
			"", utc(t, "2024-05-31 09:00/12:00", "2024-05-31 13:00/17:00"),
		},
		{
			"a block for another service leaves this one alone",
			Schedule{
				Zone: utcZone, Weekly: daily(9, 17),
				Blocks: block("2024-05-31 12:00/13:00", TimeBlock{Services: []string{"massage"}}),
			},
			"haircut", utc(t, "2024-05-31 09:00/17:00"),
		},
		{
			"an available block adds",
			Schedule{Zone: utcZone, Weekly: daily(9, 17), Blocks: block("2024-05-31 17:00/20:00", TimeBlock{Available: true})},
			"", utc(t, "2024-05-31 09:00/20:00"),
		},
		{
			"with replace it replaces the weekly hours",
			Schedule{
				Zone: utcZone, Weekly: daily(9, 17),
				Blocks: block("2024-05-31 17:00/20:00", TimeBlock{Available: true, Replace: true}),
			},
			"", utc(t, "2024-05-31 17:00/20:00"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			if err := tt.schedule.Check(); err != nil {
				t.Fatal(err)
			}
			if got := tt.schedule.Open(day, tt.service, ""); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestInvalidSchedulesAreRefused(t *testing.T) {
	for what, s := range map[string]Schedule{
		"no zone":                {Weekly: daily(9, 17)},
		"end before start":       {Zone: time.UTC, Weekly: daily(17, 9)},
		"past 48:00":             {Zone: time.UTC, Weekly: daily(40, 49)},
		"a day that is not":      {Zone: time.UTC, Weekly: []Weekly{{Days: []time.Weekday{7}}}},
		"override upside down":   {Zone: time.UTC, Overrides: []Override{{Hours: []Hours{{time.Hour, 0}}}}},
		"time block upside down": {Zone: time.UTC, Blocks: []TimeBlock{{Interval: between(2, 1)}}},
	} {
		if s.Check() == nil {
			t.Errorf("%s was accepted", what)
		}
	}
	for _, s := range []string{"", "9", "9:00", "09:60", "24:00:60", "-1:00", "48:01", "aa:bb", "09:00:00:00"} {
		if d, err := ParseClock(s); err == nil {
			t.Errorf("ParseClock(%q) = %v", s, d)
		}
	}
	if _, err := ParseHours("17:00", "09:00"); err == nil || !strings.Contains(err.Error(), "past 24:00") {
		t.Errorf("an end before its start: %v", err)
	}
}
