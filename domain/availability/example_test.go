package availability_test

import (
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// Starts lists what can be booked, and Explain says why another start cannot.
func ExampleStarts() {
	berlin, err := domain.ParseZone("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 18, hour, minute, 0, 0, berlin) }
	room := availability.Resource{
		ID: "room", Schedule: availability.Schedule{Zone: berlin, Weekly: []availability.Weekly{{
			Days:  []time.Weekday{time.Wednesday},
			Hours: availability.Hours{From: 9 * time.Hour, To: 12 * time.Hour},
		}}},
		Busy: []availability.Busy{{Interval: availability.Interval{Start: at(10, 0), End: at(11, 0)}}},
	}
	query := availability.Query{
		Now: at(8, 0), Viewer: berlin, Window: availability.Interval{Start: at(0, 0), End: at(23, 0)},
		Rules: availability.Rules{Duration: time.Hour}, Needs: []availability.Need{{AnyOf: []availability.Resource{room}}},
	}
	for _, start := range availability.Starts(query) {
		fmt.Println(start.At.In(berlin).Format("15:04"), start.Resources)
	}
	for _, reason := range availability.Explain(query, at(10, 30)) {
		fmt.Println("10:30", reason.Resource, reason.Code)
	}
	// Output:
	// 09:00 [room]
	// 11:00 [room]
	// 10:30 room taken
}
