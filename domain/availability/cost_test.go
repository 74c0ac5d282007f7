package availability

import (
	"fmt"
	"testing"
	"time"
)

// attack is a query within all limits of the API that once took 30 s and 1.4 GB: ten needs, each any of 200 resources
// with 100 weekly hours each, every minute of three months.
func attack(days int) Query {
	start := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	var pool []Resource
	for i := range 200 {
		s := Schedule{Zone: time.UTC}
		for k := range 100 {
			from := time.Duration(k) * 14 * time.Minute
			s.Weekly = append(s.Weekly, Weekly{[]time.Weekday{0, 1, 2, 3, 4, 5, 6}, Hours{from, from + 13*time.Minute}})
		}
		pool = append(pool, Resource{ID: fmt.Sprint(i), Schedule: s})
	}
	q := Query{
		Now: start, Window: Interval{start, start.AddDate(0, 0, days)},
		Rules: Rules{Duration: time.Minute, Interval: time.Minute},
	}
	for range 10 {
		q.Needs = append(q.Needs, Need{AnyOf: pool})
	}
	return q
}

func TestCostOfUsualQueriesIsWithinTheBudget(t *testing.T) {
	if cost := Cost(crowd(false)); cost > MaxCost/10 {
		t.Errorf("a month of fifty resources costs %d of %d", cost, MaxCost)
	}
	if cost := Cost(attack(92)); cost < 10*MaxCost {
		t.Errorf("the attack costs %d, and the budget is %d", cost, MaxCost)
	}
	if day, month := Cost(attack(1)), Cost(attack(31)); day >= month {
		t.Errorf("a day costs %d and a month %d", day, month)
	}
}

// BenchmarkWorst has a query that costs about as much as the budget allows.
func BenchmarkWorst(b *testing.B) {
	q := attack(2)
	q.Rules.Interval = 5 * time.Minute
	b.ReportMetric(float64(Cost(q))/MaxCost, "budget")
	for b.Loop() {
		Starts(q)
	}
}
