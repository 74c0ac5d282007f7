package domain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

func TestFirstInstant(t *testing.T) {
	for _, c := range []struct{ zone, date, want string }{
		{"Europe/London", "2026-03-18", "2026-03-18T00:00:00Z"},
		{"Europe/London", "2026-04-01", "2026-03-31T23:00:00Z"},
		{"Pacific/Kiritimati", "2026-03-18", "2026-03-17T10:00:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"},      // midnight does not exist
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"},  // nor here, and time.Date errs
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},    // midnight happens twice
		{"America/Toronto", "2006-10-29", "2006-10-29T04:00:00Z"},   // falls back at two
		{"America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z"},  // falls back at one past midnight to 23:01
		{"America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"}, // midnight falls back to 23:00
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},      // the whole day does not exist
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
	} {
		zone, err := domain.ParseZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		got := domain.FirstInstant(day.Year(), day.Month(), day.Day(), zone).Format(time.RFC3339)
		if got != c.want {
			t.Errorf("%s in %s begins at %s, want %s", c.date, c.zone, got, c.want)
		}
	}
}

func TestFirstInstantIsTheFirstOfItsDate(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Beirut"} {
		zone, err := domain.ParseZone(name)
		if err != nil {
			t.Fatal(err)
		}
		for day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
			first := domain.FirstInstant(day.Year(), day.Month(), day.Day(), zone)
			at, before := first.In(zone).Format(time.DateOnly), first.Add(-1).In(zone).Format(time.DateOnly)
			if want := day.Format(time.DateOnly); at != want || before >= want {
				t.Fatalf("%s in %s: the first instant %s is on %s, the one before on %s", want, name, first, at, before)
			}
		}
	}
}

func TestParseZoneRefuses(t *testing.T) {
	for name, code := range map[string]string{
		"": "zone_required", "  ": "zone_required", "Local": "unknown_zone", "AEST": "unknown_zone",
		"EST": "unknown_zone", "right/UTC": "unknown_zone", "../etc/passwd": "unknown_zone", "Europe/Bonn": "unknown_zone",
	} {
		_, err := domain.ParseZone(name)
		if !errors.Is(err, domain.Refuse(domain.Invalid, code, "")) {
			t.Errorf("%q: got error %v, want %s", name, err, code)
		}
	}
}

func TestParseCountry(t *testing.T) {
	for _, code := range strings.Fields("AU BR GB NZ US ZW AD TL SS XK AC TA") {
		if got, err := domain.ParseCountry(code); err != nil || string(got) != code {
			t.Errorf("%s: %v, %v", code, got, err)
		}
	}
	for _, code := range []string{"UK", "EU", "XX", "au", "", " ", "A", "AUS", "D ", "E A"} {
		if _, err := domain.ParseCountry(code); !errors.Is(err, domain.Refuse(domain.Invalid, "unknown_country", "")) {
			t.Errorf("%q: got error %v, want unknown_country", code, err)
		}
	}
}
