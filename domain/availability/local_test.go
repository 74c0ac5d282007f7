package availability

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

func TestResolveExact(t *testing.T) {
	tests := []struct {
		zone, local   string
		first, second string // UTC; second is "" unless the time happens twice
		before, after string // local; only if the time does not exist
	}{
		{zone: "Europe/Berlin", local: "2026-03-29T01:59", first: "2026-03-29T00:59Z"},
		{zone: "Europe/Berlin", local: "2026-03-29T02:30", before: "2026-03-29T01:59", after: "2026-03-29T03:00"},
		{zone: "Europe/Berlin", local: "2026-03-29T03:00", first: "2026-03-29T01:00Z"},
		{zone: "Europe/Berlin", local: "2026-10-25T02:30", first: "2026-10-25T00:30Z", second: "2026-10-25T01:30Z"},
		{zone: "Europe/Berlin", local: "2026-10-25T03:00", first: "2026-10-25T02:00Z"},
		{zone: "Australia/Lord_Howe", local: "2026-10-04T02:15", before: "2026-10-04T01:59", after: "2026-10-04T02:30"},
		{zone: "Australia/Lord_Howe", local: "2026-04-05T01:45", first: "2026-04-04T14:45Z", second: "2026-04-04T15:15Z"},
		{zone: "Asia/Beirut", local: "2022-03-27T00:30", before: "2022-03-26T23:59", after: "2022-03-27T01:00"},
		{zone: "America/Santiago", local: "2023-09-03T00:00", before: "2023-09-02T23:59", after: "2023-09-03T01:00"},
		{zone: "America/Santiago", local: "2023-04-01T23:15", first: "2023-04-02T02:15Z", second: "2023-04-02T03:15Z"},
		{zone: "Africa/Cairo", local: "2024-04-26T00:59", before: "2024-04-25T23:59", after: "2024-04-26T01:00"},
		{zone: "Pacific/Apia", local: "2011-12-30T10:00", before: "2011-12-29T23:59", after: "2011-12-31T00:00"},
		{zone: "Africa/Casablanca", local: "2024-04-14T02:30", before: "2024-04-14T01:59", after: "2024-04-14T03:00"},
		{zone: "Africa/Casablanca", local: "2024-03-10T02:30", first: "2024-03-10T01:30Z", second: "2024-03-10T02:30Z"},
		{zone: "America/New_York", local: "2026-03-08T02:00", before: "2026-03-08T01:59", after: "2026-03-08T03:00"},
		{zone: "UTC", local: "2026-03-08T02:00", first: "2026-03-08T02:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.zone+" "+tt.local, func(t *testing.T) {
			zone, err := domain.ParseZone(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			clock, err := time.Parse(localMinute, tt.local)
			if err != nil {
				t.Fatal(err)
			}
			date := dateOf(clock)
			first, second, err := ResolveExact(date, clock.Sub(date.utc()), zone)
			if skipped, ok := errors.AsType[*SkippedError](err); ok {
				if before, after := skipped.Before.Format(localMinute), skipped.After.Format(localMinute); before != tt.before ||
					after != tt.after || tt.first != "" {
					t.Fatalf("skipped, with %s before and %s after", before, after)
				}
				return
			}
			if err != nil || written(first) != tt.first || written(second) != tt.second {
				t.Fatalf("got %s, %s and %v", first, second, err)
			}
		})
	}
}

func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04Z")
}

// Where a local time exists, ResolveExact and Resolve agree, and the zone's clocks do show it. Where it does not, it
// is between its neighbours, which exist.
func TestResolveExactAgreesWithTheClocks(t *testing.T) {
	zones := []string{
		"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "America/Santiago", "Africa/Cairo",
		"Pacific/Apia", "Africa/Casablanca", "America/Nuuk", "Antarctica/Troll", "Asia/Gaza", "Asia/Kathmandu",
	}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := domain.ParseZone(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		near := time.Date(rapid.IntRange(1995, 2040).Draw(t, "year"), 1, 1, 0, 0, 0, 0, zone).
			AddDate(0, 0, rapid.IntRange(0, 365).Draw(t, "day"))
		if _, change := near.ZoneBounds(); rapid.Bool().Draw(t, "at a change") && !change.IsZero() {
			near = change
		}
		reading := near.UTC().Add(offset(near)).Truncate(time.Minute).
			Add(time.Duration(rapid.IntRange(-180, 1500).Draw(t, "minutes")) * time.Minute)
		date := dateOf(reading)
		wall := reading.Sub(date.utc())
		first, second, err := ResolveExact(date, wall, zone)
		if skipped, ok := errors.AsType[*SkippedError](err); ok {
			before, after := shown(skipped.Before), shown(skipped.After)
			if !before.Before(reading) || after.Before(reading) || skipped.After.Sub(skipped.Before) != time.Minute {
				t.Fatalf("%s is skipped between %s and %s", reading, before, after)
			}
			return
		}
		if err != nil || !shown(first).Equal(reading) || !first.Equal(Resolve(date, wall, zone)) {
			t.Fatalf("%s is %s, but Resolve says %s (%v)", reading, first, Resolve(date, wall, zone), err)
		}
		if !second.IsZero() && (!shown(second).Equal(reading) || !first.Before(second)) {
			t.Fatalf("%s is %s and %s", reading, first, second)
		}
	})
}

// shown is what the clock of its zone shows at an instant.
func shown(t time.Time) time.Time { return t.UTC().Add(offset(t)) }
