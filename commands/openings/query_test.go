package openings

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/resource"
)

func TestScheduleLeavesOutBlocksFarFromTheWindow(t *testing.T) {
	day := time.Date(2016, 5, 3, 0, 0, 0, 0, time.UTC)
	state := resource.State{Zone: "UTC"}
	for week := range 100 {
		at := day.AddDate(0, 0, 7*week)
		state.Blocks = append(state.Blocks, resource.Block{TimeBlock: resource.TimeBlock{
			Interval: domain.Interval{Start: at, End: at.Add(time.Hour)}, Available: week == 99,
		}})
	}
	schedule, err := ScheduleOf(state, domain.Interval{Start: day, End: day.AddDate(0, 0, 1)})
	if err != nil || len(schedule.Blocks) != 5 { // of the weeks 0 to 3, and the one that adds hours
		t.Errorf("the schedule has %d of 100 blocks, want 5 (%v)", len(schedule.Blocks), err)
	}
}
