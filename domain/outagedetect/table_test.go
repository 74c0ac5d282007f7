package outagedetect_test

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// The whole measurement takes many minutes; docs/performance.md has its tables:
//
//	go test ./domain/outagedetect -run TestTable -rate 1000 -days 379 -timeout 0 -v
var (
	tableRate = flag.Float64("rate", 0, "messages an hour of the table; 0: no table")
	tableDays = flag.Int("days", 379, "simulated days of the table, with 14 of learning")
	tableRuns = flag.Int("runs", 50, "runs of each scenario")
	tableOnly = flag.String("only", "", "only this scenario")
	drifting  = flag.Float64("drift", 1, "factor of the drift of quality")
	slower    = flag.Float64("slower", 1, "factor of the latency of receipts, after the learning")
)

func TestTable(t *testing.T) {
	if *tableRate == 0 {
		t.Skip("the table is made on demand: -rate 1000")
	}
	p := outagedetect.Defaults()
	t.Logf("%d bytes a cell", outagedetect.CellSize)
	measure(os.Stdout, p, *tableRate, *tableDays, *tableRuns)
}

const learningDays = 14

// study is the results of one rate.
type study struct {
	days, falseAlarms, suspicions, win15Alarms int
	confirmed                                  []outagedetect.Signal
	results                                    map[string][]result
}

func measure(to io.Writer, p outagedetect.Params, perHour float64, days, runs int) {
	began := time.Now()
	s := observe(p, perHour, days, runs)
	fmt.Fprintf(to, "%g/h: %d days without an outage: %d confirmed, %d suspected; GOV.UK rule %d (%.0f s)\n",
		perHour, s.days, s.falseAlarms, s.suspicions, s.win15Alarms, time.Since(began).Seconds())
	for _, c := range s.confirmed {
		fmt.Fprintf(to, "  false: %v %v %s S %.1f %+v\n", c.At.Format(time.DateTime), c.Cell, c.Cause, c.S, c.Evidence)
	}
	for _, sc := range scenarios {
		if rs := s.results[sc.name]; len(rs) > 0 {
			fmt.Fprintf(to, "  %-24s %s\n", sc.name, summary(sc, rs))
		}
	}
}

// observe lives through the days without an outage, and from time to time plays the scenarios on copies.
func observe(p outagedetect.Params, perHour float64, days, runs int) study {
	s := study{days: days - learningDays, results: make(map[string][]result)}
	w, d, rule := newWorld(perHour, 1), outagedetect.New(p), newWin15()
	w.drift = *drifting
	every := max((days-learningDays)/max(runs, 1), 1)
	for w.tick < int64(days)*dayTicks {
		day := int(w.tick/dayTicks) - learningDays
		if day >= 0 && day%every == 0 && w.tick%hourTicks == 0 && runs > 0 {
			for i, sc := range scenarios {
				if sc.hour == int(w.tick%dayTicks/hourTicks) && (*tableOnly == "" || *tableOnly == sc.name) {
					after := 35 * time.Minute
					if sc.name == "flapping" {
						after = sc.limit
					}
					r := sc.run(w.clone(uint64(day*100+i)), d.Clone(), rule.clone(), after)
					s.results[sc.name] = append(s.results[sc.name], r)
				}
			}
		}
		take := func(signals []outagedetect.Signal) {
			for _, g := range signals {
				switch {
				case day < 0:
				case g.Kind == outagedetect.Confirmed:
					s.falseAlarms++
					s.confirmed = append(s.confirmed, g)
				case g.Kind == outagedetect.Suspected:
					s.suspicions++
				}
			}
		}
		if day > 0 && day%30 == 0 && w.tick%dayTicks == 0 {
			fmt.Fprintf(os.Stderr, "%g/h: %d days, %d confirmed\n", perHour, day, s.falseAlarms)
		}
		if day >= 0 {
			w.slower = *slower
		}
		w.step(nil, func(f outagedetect.Fact) {
			take(d.Observe(f))
			rule.observe(w.tick, f)
		})
		take(d.Advance(w.now()))
		d.Polls()
		if rule.step(w.tick-1) && day < 0 {
			rule.alarms = 0
		}
	}
	s.win15Alarms = rule.alarms
	return s
}

// summary renders the results: delays in minutes and messages as median and 90th percentile.
func summary(sc scenario, rs []result) string {
	var late, lost, change, old, oldLost []float64
	var found, scope, later, cause, elsewhere, confirmed, near int
	for _, r := range rs {
		elsewhere += r.elsewhere
		confirmed += r.confirmed
		if r.win15 > 0 {
			old = append(old, r.win15.Minutes())
			oldLost = append(oldLost, float64(r.win15Lost))
		}
		if !r.found {
			continue
		}
		found++
		late, lost = append(late, r.late.Minutes()), append(lost, float64(r.lost))
		change = append(change, r.change.Minutes())
		scope += count(r.scope)
		later += count(r.scopeLater)
		cause += count(r.cause == sc.cause)
		near += count(r.near())
	}
	return fmt.Sprintf("found %d/%d  min %.1f/%.1f  msgs %.0f/%.0f  scope %d then %d  cause %d  change %.1f/%.1f/%.1f near %d"+
		"  elsewhere %d confirmed %d | win15 %d: %.1f/%.1f (%.0f)",
		found, len(rs), at(late, .5), at(late, .9), at(lost, .5), at(lost, .9), scope, later, cause,
		at(change, .1), at(change, .5), at(change, .9), near, elsewhere, confirmed,
		len(old), at(old, .5), at(old, .9), at(oldLost, .5))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// at returns a quantile.
func at(values []float64, q float64) float64 {
	if len(values) == 0 {
		return -1
	}
	slices.Sort(values)
	return values[min(int(q*float64(len(values))), len(values)-1)]
}
