package availability_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/zones"
)

func TestPromisedFollowsTheTableInForce(t *testing.T) {
	vancouver := zones.Embedded().Rules("America/Vancouver")
	old, err := zones.Read(fstest.MapFS{
		"America/Vancouver": {Data: zones.Embedded().Rules("America/Los_Angeles")}, // as it was until 2026
		"Europe/Berlin":     {Data: zones.Embedded().Rules("Europe/Berlin")},
	}, "a test", nil)
	if err != nil || len(vancouver) == 0 {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, local, zone, start, old, now string }{
		{"the law changed", "2026-12-15T10:00:00", "America/Vancouver", "18:00", "18:00", "17:00"},
		{"the law is the same", "2026-12-15T10:00:00", "Europe/Berlin", "09:00", "09:00", "09:00"},
		{"the second of two", "2026-10-25T02:30:00", "Europe/Berlin", "01:30", "01:30", "01:30"},
		{"an unknown zone", "2026-12-15T10:00:00", "Mars/Olympus", "18:00", "18:00", "18:00"},
		{"not a time", "ten", "America/Vancouver", "18:00", "18:00", "18:00"},
	} {
		t.Run(c.what, func(t *testing.T) {
			day := "2026-12-15"
			if len(c.local) > 10 {
				day = c.local[:10]
			}
			start, err := time.Parse("2006-01-02 15:04", day+" "+c.start)
			if err != nil {
				t.Fatal(err)
			}
			if got := availability.Promised(c.local, c.zone, start).Format("15:04"); got != c.now {
				t.Errorf("by the embedded table it is %s, want %s", got, c.now)
			}
			zones.Use(old)
			defer zones.Use(nil)
			if got := availability.Promised(c.local, c.zone, start).Format("15:04"); got != c.old {
				t.Errorf("by the old table it is %s, want %s", got, c.old)
			}
		})
	}
}
