package availability

import (
	"testing"
	"time"
)

// A block of five years costs no more than the dates around the window.
func TestReplacedVisitsOnlyTheDatesOfTheWindow(t *testing.T) {
	s := Schedule{Zone: time.UTC, Weekly: daily(9, 17), Blocks: []TimeBlock{
		{Interval: Interval{epoch.AddDate(-2, 0, 0), epoch.AddDate(3, 0, 0)}, Available: true, Replace: true},
	}}
	w := span{nanos(epoch), nanos(epoch.AddDate(0, 0, 1))}
	dates := s.around(w)
	replaced := s.replaced(s.Blocks, dates)
	if len(replaced) != len(dates) {
		t.Errorf("%d dates are replaced around a window of %d", len(replaced), len(dates))
	}
	for _, d := range dates {
		if !replaced[d] {
			t.Errorf("%s is not replaced", d)
		}
	}
}
