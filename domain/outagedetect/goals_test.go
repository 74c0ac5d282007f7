package outagedetect_test

import (
	"slices"
	"testing"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// A short run of the table in docs/performance.md. The bounds are those of the design's goals for the 90th percentile.
func TestGoals(t *testing.T) {
	type goal struct {
		name       string
		most       float64 // minutes; 0: no bound
		mostLost   float64 // affected messages; 0: no bound
		wantsScope bool
	}
	for _, c := range []struct {
		perHour float64
		runs    int
		goals   []goal
	}{
		{10, 20, []goal{
			{"total, silent", 0, 10, false}, {"North America banned", 0, 11, false}, {"API down", 0, 4, true},
		}},
		{100, 20, []goal{
			{"total, silent", 9, 0, true},
			{"North America banned", 11, 0, true},
			{"API down", 0, 4, true},
			{"one network (17 %)", 0, 14, true},
			{"receipts only", 9, 0, true},
		}},
		{1000, 4, []goal{
			{"total, silent", 6.5, 0, true},
			{"North America banned", 3, 0, true},
			{"API down", 0, 4, true},
			{"one network (17 %)", 6, 28, true},
			{"receipts only", 7, 0, true},
		}},
	} {
		s := observe(outagedetect.Defaults(), c.perHour, learningDays+c.runs, c.runs)
		if s.falseAlarms > 0 {
			t.Errorf("%v/h: %d false alarms in %d days", c.perHour, s.falseAlarms, s.days)
		}
		for _, g := range c.goals {
			i := slices.IndexFunc(scenarios, func(sc scenario) bool { return sc.name == g.name })
			rs := s.results[g.name]
			var late, lost []float64
			scope, near, cause := 0, 0, 0
			for _, r := range rs {
				late, lost = append(late, r.late.Minutes()), append(lost, float64(r.lost))
				scope += count(r.scopeLater)
				near += count(r.near())
				cause += count(r.found && (scenarios[i].cause == r.cause || r.cause != outagedetect.ReceiptsOnly &&
					scenarios[i].cause != outagedetect.ReceiptsOnly))
			}
			n := len(rs)
			if n < c.runs || cause < n || near < n*9/10 || g.wantsScope && scope < n*9/10 ||
				g.most > 0 && at(late, .9) > g.most || g.mostLost > 0 && at(lost, .9) > g.mostLost {
				t.Errorf("%v/h %s: %s", c.perHour, g.name, summary(scenarios[i], rs))
			}
		}
	}
}
