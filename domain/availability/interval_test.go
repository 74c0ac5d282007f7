package availability

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Date(2024, 5, 31, 0, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return epoch.Add(time.Duration(n) * time.Minute) }

func between(from, to int) Interval { return Interval{minute(from), minute(to)} }

var someIntervals = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Interval {
	from := rapid.IntRange(0, 40).Draw(t, "from")
	return between(from, from+rapid.IntRange(0, 10).Draw(t, "length"))
}), 0, 8)

func inSet(set []Interval, n int) bool {
	return slices.ContainsFunc(set, func(i Interval) bool { return i.Contains(minute(n)) })
}

// Every operation is compared, instant by instant, with set membership, and must return the canonical form.
func TestAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := someIntervals.Draw(t, "a"), someIntervals.Draw(t, "b"), someIntervals.Draw(t, "c")
		merged, less, both := Merge(a), Subtract(a, b), Intersect(a, b, c)
		for n := -1; n < 52; n++ {
			inA, inB, inC := inSet(a, n), inSet(b, n), inSet(c, n)
			if inSet(merged, n) != inA || inSet(less, n) != (inA && !inB) || inSet(both, n) != (inA && inB && inC) {
				t.Fatalf("minute %d: merged %v, less %v, both %v", n, merged, less, both)
			}
		}
		for _, set := range [][]Interval{merged, less, both} {
			for i := range set {
				if !set[i].Start.Before(set[i].End) || i > 0 && !set[i-1].End.Before(set[i].Start) {
					t.Fatalf("not in normal form: %v", set)
				}
			}
		}
	})
}

func TestIntersectOfNoSetsIsEmpty(t *testing.T) {
	if got := Intersect(); len(got) != 0 {
		t.Errorf("Intersect() = %v", got)
	}
}

func TestIntervalThatEndsBeforeItStartsIsRefused(t *testing.T) {
	if _, err := NewInterval(minute(2), minute(1)); err == nil {
		t.Error("an end before its start was accepted")
	}
	if got, err := NewInterval(minute(1), minute(1)); err != nil || got != between(1, 1) {
		t.Errorf("an empty interval: %v, %v", got, err)
	}
}

func TestRunsJoinInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run := rapid.Custom(func(t *rapid.T) []span { return sorted(spans(someIntervals.Draw(t, "run"))) })
		runs := rapid.SliceOfN(run, 0, 5).Draw(t, "runs")
		want := sorted(slices.Concat(runs...))
		if got := inOrder(runs); len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
