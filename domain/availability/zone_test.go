package availability

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := domain.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// The first two are RFC 5545 section 3.3.5's own examples.
func TestResolve(t *testing.T) {
	tests := []struct{ what, zone, local, utc string }{
		{"repeated: the first", "America/New_York", "2007-11-04T01:30", "2007-11-04T05:30"},
		{"skipped: the offset before", "America/New_York", "2007-03-11T02:30", "2007-03-11T07:30"},
		{"the instant of the gap", "America/New_York", "2007-03-11T02:00", "2007-03-11T07:00"},
		{"just after the gap", "America/New_York", "2007-03-11T03:00", "2007-03-11T07:00"},
		{"just before the gap", "America/New_York", "2007-03-11T01:59", "2007-03-11T06:59"},
		{"just after the repeat", "America/New_York", "2007-11-04T02:00", "2007-11-04T07:00"},
		{"half an hour skipped", "Australia/Lord_Howe", "2023-10-01T02:15", "2023-09-30T15:45"},
		{"half an hour repeated", "Australia/Lord_Howe", "2024-04-07T01:45", "2024-04-06T14:45"},
		{"midnight skipped", "America/Sao_Paulo", "2017-10-15T00:00", "2017-10-15T03:00"},
		{"midnight repeated", "America/Havana", "2024-11-03T00:30", "2024-11-03T04:30"},
		{"a whole day skipped", "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00"},
		{"quarter hours", "Asia/Kathmandu", "2024-05-31T09:00", "2024-05-31T03:15"},
		{"UTC", "UTC", "2024-05-31T09:00", "2024-05-31T09:00"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			local, _ := time.Parse("2006-01-02T15:04", tt.local)
			want, _ := time.Parse("2006-01-02T15:04", tt.utc)
			d := dateOf(local)
			if got := Resolve(d, local.Sub(d.utc()), mustZone(t, tt.zone)).UTC(); !got.Equal(want) {
				t.Errorf("%s in %s is %s, want %s", tt.local, tt.zone, got, want)
			}
		})
	}
}

var someZones = []string{
	"UTC", "America/New_York", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca",
	"America/Sao_Paulo", "Pacific/Apia", "America/St_Johns", "Antarctica/Troll",
}

// What a clock shows at an instant resolves to that instant or to an earlier one at which
// the clock showed the same.
func TestResolveReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := domain.ParseZone(rapid.SampledFrom(someZones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(60*rapid.Int64Range(0, 35_000_000).Draw(t, "minute"), 0).In(zone)
		d := dateOf(at)
		shown, _ := time.Parse("2006-01-02T15:04", at.Format("2006-01-02T15:04"))
		got := Resolve(d, shown.Sub(d.utc()), zone)
		if got.After(at) || got.Format(time.DateTime) != at.Format(time.DateTime) {
			t.Fatalf("%s resolves to %s", at, got)
		}
	})
}

// The result is on the local grid and not earlier, and no other grid point is in between.
func TestRoundUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := domain.ParseZone(rapid.SampledFrom(someZones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		step := rapid.SampledFrom([]int{1, 5, 10, 15, 20, 30, 60}).Draw(t, "step")
		from := time.Unix(rapid.Int64Range(0, 2_100_000_000).Draw(t, "second"), 0).In(zone)
		c := clock{zone: zone}
		got := instant(c.roundUp(from.UnixNano(), int64(step)*int64(time.Minute))).In(zone)
		onGrid := func(at time.Time) bool { return at.Minute()%step == 0 && at.Second() == 0 }
		want := from
		for !onGrid(want) {
			want = want.Truncate(time.Second).Add(time.Second)
			if s := want.Second(); s != 0 {
				want = want.Add(time.Duration(60-s) * time.Second)
			}
		}
		if !got.Equal(want) {
			t.Fatalf("%s up to %d minutes: %s, want %s", from, step, got, want)
		}
	})
}
