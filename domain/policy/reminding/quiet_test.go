package reminding_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/policy/reminding"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	zone, err := domain.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestQuiet(t *testing.T) {
	siesta := reminding.Quiet{FromMin: 13 * 60, ToMin: 15 * 60}
	for _, c := range []struct {
		quiet    reminding.Quiet
		at, want string
	}{
		{reminding.Nights, "2016-05-10 20:59", "2016-05-10 20:59"},
		{reminding.Nights, "2016-05-10 21:00", "2016-05-10 20:45"},
		{reminding.Nights, "2016-05-10 23:59", "2016-05-10 20:45"},
		{reminding.Nights, "2016-05-11 00:00", "2016-05-10 20:45"},
		{reminding.Nights, "2016-05-11 07:59", "2016-05-10 20:45"},
		{reminding.Nights, "2016-05-11 08:00", "2016-05-11 08:00"},
		{reminding.Nights, "2016-05-01 03:00", "2016-04-30 20:45"},
		{siesta, "2016-05-10 12:59", "2016-05-10 12:59"},
		{siesta, "2016-05-10 13:00", "2016-05-10 12:45"},
		{siesta, "2016-05-10 14:59", "2016-05-10 12:45"},
		{siesta, "2016-05-10 15:00", "2016-05-10 15:00"},
		{reminding.Quiet{}, "2016-05-10 03:00", "2016-05-10 03:00"},
		{reminding.Quiet{FromMin: 600, ToMin: 600}, "2016-05-10 10:00", "2016-05-10 10:00"},
		// the clocks of Berlin go forward and back in the night before
		{reminding.Nights, "2016-03-27 06:00", "2016-03-26 20:45"},
		{reminding.Nights, "2016-10-30 06:00", "2016-10-29 20:45"},
	} {
		berlin := zone(t, "Europe/Berlin")
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.quiet.Before(at, berlin).In(berlin).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s with quiet %v moves to %s, want %s", c.at, c.quiet, got, c.want)
		}
	}
}

func TestQuietEnds(t *testing.T) {
	gap := reminding.Quiet{FromMin: 22 * 60, ToMin: 2*60 + 30}
	for _, c := range []struct {
		quiet    reminding.Quiet
		at, want string
	}{
		{reminding.Nights, "2016-05-10 20:59", "2016-05-10 20:59"},
		{reminding.Nights, "2016-05-10 21:00", "2016-05-11 08:00"},
		{reminding.Nights, "2016-05-11 07:59", "2016-05-11 08:00"},
		{reminding.Nights, "2016-05-11 08:00", "2016-05-11 08:00"},
		{reminding.Nights, "2016-12-31 23:00", "2017-01-01 08:00"},
		{reminding.Nights, "2016-03-26 22:00", "2016-03-27 08:00"},
		{reminding.Quiet{FromMin: 13 * 60, ToMin: 15 * 60}, "2016-05-10 13:30", "2016-05-10 15:00"},
		{reminding.Quiet{}, "2016-05-10 03:00", "2016-05-10 03:00"},
		{gap, "2016-03-26 23:00", "2016-03-27 03:30"}, // the clocks of Berlin go from 2 to 3
	} {
		berlin := zone(t, "Europe/Berlin")
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.quiet.End(at, berlin).In(berlin).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("at %s with quiet %v a text waits until %s, want %s", c.at, c.quiet, got, c.want)
		}
	}
}

// In any zone and at any time, the end of the quiet time is not quiet itself and less than a day away.
func TestQuietEndIsNotQuiet(t *testing.T) {
	names := []string{"America/Sao_Paulo", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "Africa/Cairo", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		place := zone(t, rapid.SampledFrom(names).Draw(t, "zone"))
		quiet := reminding.Quiet{
			FromMin: rapid.IntRange(0, 1439).Draw(t, "from"), ToMin: rapid.IntRange(0, 1439).Draw(t, "to"),
		}
		at := time.Unix(rapid.Int64Range(1_300_000_000, 1_800_000_000).Draw(t, "at"), 0)
		ends := quiet.End(at, place)
		if ends.Before(at) || ends.Sub(at) > 26*time.Hour || !quiet.End(ends, place).Equal(ends) {
			t.Fatalf("at %s with quiet %v a text waits until %s", at.In(place), quiet, ends.In(place))
		}
	})
}

func TestHour(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	now := time.Date(2016, 5, 10, 21, 4, 0, 0, berlin)
	morning := time.Date(2016, 5, 11, 8, 0, 0, 0, berlin)
	for _, c := range []struct {
		name   string
		now    time.Time
		useful time.Time
		email  bool
		want   reminding.Hour
	}{
		{"in the day", now.Add(-5 * time.Minute), morning, false, reminding.Hour{}},
		{"useful in the morning", now, morning.Add(time.Microsecond), true, reminding.Hour{Wait: morning}},
		{"useless in the morning, with an address", now, morning, true, reminding.Hour{Suppress: "quiet_hours"}},
		{"useless in the morning, without", now, morning, false, reminding.Hour{Suppress: "too_late"}},
	} {
		got := reminding.Nights.Hour(c.now, c.useful, berlin, c.email)
		if !got.Wait.Equal(c.want.Wait) || got.Suppress != c.want.Suppress {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// In any zone and at any time, a message moves only earlier, by less than the quiet time plus an hour for a clock
// change. A moved message does not move again if the rest of the day is long enough.
func TestQuietMovesOnlyEarlier(t *testing.T) {
	names := []string{"America/Sao_Paulo", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "Africa/Cairo", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		place := zone(t, rapid.SampledFrom(names).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(1_300_000_000, 1_800_000_000).Draw(t, "at"), 0)
		moved := reminding.Nights.Before(at, place)
		if moved.After(at) || at.Sub(moved) > 12*time.Hour+15*time.Minute {
			t.Fatalf("%s moved to %s", at.In(place), moved.In(place))
		}
		if again := reminding.Nights.Before(moved, place); !again.Equal(moved) {
			t.Fatalf("%s moved to %s, which is quiet itself", at.In(place), moved.In(place))
		}
	})
}
