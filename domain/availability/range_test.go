package availability

import (
	"slices"
	"testing"
	"time"
)

// In nanoseconds 2300 comes before 1900. An instant that far away must still be in the future.
func TestFarInstantsKeepTheirOrder(t *testing.T) {
	for _, year := range []int{2199, 2262, 2300, 9999} {
		at := time.Date(year, 6, 1, 10, 0, 0, 0, time.UTC)
		if slices.ContainsFunc(Explain(ask(), at), func(r Reason) bool { return r.Code == InThePast }) {
			t.Errorf("%d is in the past", year)
		}
		q := ask(with(Busy{Interval: Interval{at, at.AddDate(1, 0, 0)}}), func(q *Query) {
			q.Needs[0].AnyOf[0].Schedule.Blocks = []TimeBlock{{Interval: Interval{at, at.AddDate(4, 0, 0)}}}
		})
		if got := offered(q); got != "09:00 ann, 10:00 ann, 11:00 ann, 12:00 ann" {
			t.Errorf("what is taken in %d leaves %q today", year, got)
		}
	}
	if why := Explain(ask(), time.Date(2199, 6, 1, 10, 0, 0, 0, time.UTC)); len(why) > 0 {
		t.Errorf("a start in 2199 cannot be booked: %v", why)
	}
}
