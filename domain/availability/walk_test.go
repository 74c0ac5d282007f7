package availability

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

// placed returns the starts by the general path alone: the grid is placed in the free ranges, and a candidate can serve
// a start if one of its free ranges covers it.
func placed(q Query) []Start {
	w := newWork(&q)
	bookable := func(s span) (out []int64) {
		for _, start := range w.placed(s, s) {
			out = append(out, nanos(start.At))
		}
		return out
	}
	window, bounds := q.Window.span(), q.Rules.Horizon.bounds(&q, bookable)
	return w.placed(window, span{max(window.a, bounds.a), min(window.b, bounds.b)})
}

func (w *work) placed(window, within span) []Start {
	out := []Start{}
	v, shared := w.over(window), w.over(window)
	free := make([][][]span, len(v.needs))
	for i := range v.needs {
		for k := range v.needs[i].able {
			free[i] = append(free[i], v.free(&v.needs[i].able[k]))
		}
	}
	for _, at := range v.starts(within) {
		slot := span{at, at + int64(w.q.Rules.Duration)}
		met, names := true, map[string]bool{}
		for i := range v.needs {
			n := &v.needs[i]
			n.chosen = slices.IndexFunc(free[i], func(ranges []span) bool {
				_, fits := holding(ranges, slot)
				return fits
			})
			if met = n.chosen >= 0; !met {
				break
			}
			names[n.able[n.chosen].ID] = true
		}
		chosen := v
		if met && len(names) < len(v.needs) { // several needs want the same resource
			chosen = shared
			met = chosen.choose(at)
		}
		if met {
			out = append(out, Start{instant(at), chosen.appendChosen(nil)})
		}
	}
	return out
}

// changingDays are days around which the clocks of a zone change: by an hour, at midnight, by half an hour, by 44.5
// minutes, and by a whole day.
var changingDays = []struct {
	zone string
	day  Date
}{
	{"Europe/Berlin", Date{2026, 3, 29}},
	{"Europe/Berlin", Date{2026, 10, 25}},
	{"America/New_York", Date{2026, 11, 1}},
	{"America/Sao_Paulo", Date{2018, 11, 4}},
	{"America/Sao_Paulo", Date{2018, 2, 18}},
	{"Australia/Lord_Howe", Date{2026, 4, 5}},
	{"Australia/Lord_Howe", Date{2026, 10, 4}},
	{"Asia/Kathmandu", Date{1986, 1, 1}},
	{"Africa/Monrovia", Date{1972, 1, 7}},
	{"Pacific/Apia", Date{2011, 12, 30}},
	{"UTC", Date{2026, 5, 4}},
}

// someFixedQuery mostly has a fixed grid, around a day on which the clocks change.
func someFixedQuery(t *rapid.T) Query {
	change := rapid.SampledFrom(changingDays).Draw(t, "change")
	zone, err := domain.ParseZone(change.zone)
	if err != nil {
		t.Fatal(err)
	}
	noon := change.day.Start(zone).Add(12 * time.Hour)
	within := func(label string) time.Time {
		return noon.Add(time.Duration(rapid.IntRange(-50*60, 50*60).Draw(t, label)) * time.Minute)
	}
	minutes := func(label string, of ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(of).Draw(t, label)) * time.Minute
	}
	q := Query{
		Now: within("now").Add(-72 * time.Hour), Viewer: zone, Holder: "me", Moving: "mine",
		Rules: Rules{
			Duration:     minutes("duration", 5, 15, 20, 30, 30, 45, 60, 600),
			Interval:     minutes("interval", 0, 1, 5, 10, 15, 20, 30, 30, 60, 60, 60, 45),
			BufferBefore: minutes("before", 0, 0, 5, 13, 60),
			BufferAfter:  minutes("after", 0, 0, 10, 17),
			Notice:       minutes("notice", 0, 30, 61),
			Horizon: Horizon{
				Kind: HorizonKind(rapid.IntRange(0, 3).Draw(t, "horizon")), Days: rapid.IntRange(2, 9).Draw(t, "days"),
			},
			Limits: Limits{Day: Limit{Bookings: rapid.SampledFrom([]int{0, 0, 0, 2, 3}).Draw(t, "limit")}},
			Quota:  Quota{Day: rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(t, "quota")},
		},
	}
	from := within("from").Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "second")) * time.Second)
	q.Window = Interval{from, from.Add(minutes("window", 1, 600, 24*60, 60*60, 5*24*60))}
	busy := func(i int) Busy {
		b := Busy{
			Units: rapid.IntRange(0, 3).Draw(t, "taken"), BufferAfter: minutes("own buffer", 0, 0, 25),
			Ref: rapid.SampledFrom([]string{"", "mine"}).Draw(t, "ref"), Counts: true,
		}
		b.Start = within("busy")
		b.End = b.Start.Add(minutes("length", 0, 10, 20, 30, 45, 60, 60, 90, 300))
		return b
	}
	pool := make([]Resource, rapid.IntRange(1, 5).Draw(t, "resources"))
	for i := range pool {
		r := Resource{ID: fmt.Sprint("r", i), Units: rapid.IntRange(0, 3).Draw(t, "units"), Schedule: Schedule{Zone: zone}}
		for range rapid.IntRange(1, 2).Draw(t, "hours") {
			opens := rapid.IntRange(0, 22*60).Draw(t, "opens")
			closes := opens + rapid.SampledFrom([]int{20, 241, 600, 610, 11 * 60, 26 * 60}).Draw(t, "open for")
			r.Schedule.Weekly = append(r.Schedule.Weekly, Weekly{
				[]time.Weekday{0, 1, 2, 3, 4, 5, 6},
				Hours{time.Duration(opens) * time.Minute, min(time.Duration(closes)*time.Minute, latest)},
			})
		}
		for k := range rapid.SampledFrom([]int{0, 0, 1, 3, 5}).Draw(t, "busy times") {
			r.Busy = append(r.Busy, busy(k))
		}
		for k := range rapid.IntRange(0, 8).Draw(t, "held times") {
			b := busy(k)
			r.Held = append(r.Held, HeldBy(nanos(b.Start), nanos(b.End), b.Units))
		}
		if rapid.Bool().Draw(t, "sorted") {
			slices.SortFunc(r.Held, func(x, y Held) int { return int(min(max(x.from-y.from, -1), 1)) })
		}
		pool[i] = r
	}
	q.Client = append(q.Client, busy(0))
	q.Rules.ClientLimits.Day.Bookings = rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "client limit")
	q.Booked = []Booked{{Ref: "x", Start: within("booked")}, {Ref: "y", Start: within("booked")}}
	for range rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(t, "needs") {
		n := Need{Units: rapid.IntRange(0, 2).Draw(t, "need")}
		for _, r := range pool {
			if rapid.Bool().Draw(t, "able") {
				r.Takes = rapid.IntRange(0, 2).Draw(t, "takes")
				n.AnyOf = append(n.AnyOf, r)
			}
		}
		if len(n.AnyOf) == 0 {
			n.AnyOf = pool[:1]
		}
		q.Needs = append(q.Needs, n)
	}
	return q
}

// TestWalkFindsThePlacedStarts compares the walk of a fixed grid with the grid placed in free ranges.
func TestWalkFindsThePlacedStarts(t *testing.T) {
	walked, found := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		q := someFixedQuery(t)
		got, want := Starts(q), placed(q)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("the walk finds %v, want %v", got, want)
		}
		if _, fixed := newWork(&q).over(q.Window.span()).fixed(); !fixed {
			return
		}
		walked++
		found += len(got)
		for _, s := range got[:min(len(got), 5)] {
			if reasons := Explain(q, s.At); len(reasons) > 0 {
				t.Fatalf("%s is shown, but %v", s.At, reasons)
			}
			off := s.At.Add(17 * time.Second)
			if reasons := Explain(q, off); len(reasons) == 0 {
				t.Fatalf("%s is off the grid, but nothing is against it", off)
			}
		}
	})
	if found == 0 && !testing.Short() {
		t.Errorf("%d walks found %d starts: the property proved nothing", walked, found)
	}
}
