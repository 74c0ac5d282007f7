package zones_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/zones"
)

// TestBoundsAreTheChangesOfTheOffset follows the changes of each zone for three centuries. They rise, and the offset is
// another one after each.
func TestBoundsAreTheChangesOfTheOffset(t *testing.T) {
	offset := func(at time.Time) int { _, seconds := at.Zone(); return seconds }
	limit := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca",
		"America/Sao_Paulo", "Asia/Kathmandu", "Antarctica/Troll", "America/Vancouver", "Asia/Gaza",
	} {
		zone, ok := zones.Current().Load(name)
		if !ok {
			t.Fatalf("there is no zone %s", name)
		}
		at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
		for changes := 0; at.Before(limit); changes++ {
			_, end := zones.Bounds(at)
			if end.IsZero() {
				break
			}
			begin, _ := zones.Bounds(end)
			if !end.After(at) || changes > 2000 || !begin.Equal(end) || offset(end) == offset(end.Add(-time.Second)) {
				t.Fatalf("%s: after %s comes a change at %s, which begins at %s", name, at, end, begin)
			}
			at = end
		}
	}
}

// TestBoundsOnTheLastDayOfALeapYear has an instant at which Time.ZoneBounds ends before it begins.
func TestBoundsOnTheLastDayOfALeapYear(t *testing.T) {
	berlin, _ := zones.Current().Load("Europe/Berlin")
	at := time.Date(2040, 12, 31, 12, 0, 0, 0, berlin)
	start, end := zones.Bounds(at)
	wantStart := time.Date(2040, 10, 28, 1, 0, 0, 0, time.UTC)
	wantEnd := time.Date(2041, 3, 31, 1, 0, 0, 0, time.UTC)
	if !start.Equal(wantStart) || !end.Equal(wantEnd) {
		t.Errorf("the offset holds from %s to %s, want %s to %s", start, end, wantStart, wantEnd)
	}
}
