package domain_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
)

func TestRefusal(t *testing.T) {
	taken := domain.Refuse(domain.Disallowed, "slot_taken", "this time is taken; choose another")
	other := domain.Refuse(domain.Disallowed, "closed", "we are closed then")
	detailed := domain.Refusef(domain.Disallowed, "slot_taken", "%s is taken", "10:00")
	wrapped := fmt.Errorf("book: %w", detailed)
	if !errors.Is(wrapped, taken) || errors.Is(wrapped, other) || errors.Is(errors.New("slot_taken"), taken) {
		t.Error("refusals with the same code are not equal, or the opposite")
	}
	if got, ok := domain.AsRefusal(wrapped); !ok || got != detailed || got.Error() != "10:00 is taken" {
		t.Errorf("AsRefusal found %v", got)
	}
	if _, ok := domain.AsRefusal(domain.ErrConflict); ok {
		t.Error("AsRefusal found a refusal in a conflict")
	}
	if _, ok := domain.AsRefusal(nil); ok {
		t.Error("AsRefusal found a refusal in nil")
	}
}

func TestStream(t *testing.T) {
	for _, c := range []struct {
		stream        domain.Stream
		category, key string
	}{
		{domain.StreamOf("client", "6ba7b810-9dad"), "client", "6ba7b810-9dad"},
		{domain.StreamOf("diary", "6ba7-201605"), "diary", "6ba7-201605"},
		{"plain", "plain", ""},
	} {
		if c.stream.Category() != c.category || c.stream.Key() != c.key {
			t.Errorf("%s has category %q and key %q", c.stream, c.stream.Category(), c.stream.Key())
		}
	}
}

func TestInterval(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2016, 5, 10, 9, minute, 0, 0, time.UTC) }
	nine := domain.Interval{Start: at(0), End: at(30)}
	for _, c := range []struct {
		other domain.Interval
		want  bool
	}{
		{nine, true},
		{domain.Interval{Start: at(29), End: at(59)}, true},
		{domain.Interval{Start: at(10), End: at(20)}, true},
		{domain.Interval{Start: at(30), End: at(59)}, false}, // touching is not overlap
	} {
		if nine.Overlaps(c.other) != c.want || c.other.Overlaps(nine) != c.want {
			t.Errorf("%v overlaps %v: want %v", nine, c.other, c.want)
		}
	}
}

func TestMicroseconds(t *testing.T) {
	at := time.Date(2016, 5, 10, 9, 0, 0, 123_456_999, time.FixedZone("", -3*3600))
	want := time.Date(2016, 5, 10, 12, 0, 0, 123_456_000, time.UTC)
	if got := domain.Microseconds(at); got != want {
		t.Errorf("Microseconds = %v, want %v", got, want)
	}
}
