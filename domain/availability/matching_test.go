package availability

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// firstOfAll returns the lexicographically first assignment, by trying all.
func firstOfAll(demands []demand, room []int) []int {
	left, places := slices.Clone(room), make([]int, len(demands))
	var from func(i int) bool
	from = func(i int) bool {
		if i == len(demands) {
			return true
		}
		for place, r := range demands[i].choices {
			if left[r] < demands[i].units[place] {
				continue
			}
			left[r] -= demands[i].units[place]
			places[i] = place
			if from(i + 1) {
				return true
			}
			left[r] += demands[i].units[place]
		}
		return false
	}
	if !from(0) {
		return nil
	}
	return places
}

func TestAssignIsTheFirstOfAllAssignments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		room := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 5).Draw(t, "room")
		same := rapid.Bool().Draw(t, "all of one size")
		size := rapid.IntRange(1, 2).Draw(t, "size")
		var demands []demand
		for range rapid.IntRange(1, 5).Draw(t, "demands") {
			d := demand{choices: rapid.Permutation(numbers(len(room))).Draw(t, "choices")}
			d.choices = d.choices[:rapid.IntRange(1, len(room)).Draw(t, "of them")]
			d.units = slices.Repeat([]int{size}, len(d.choices))
			for i := range d.units {
				if !same {
					d.units[i] = rapid.IntRange(1, 3).Draw(t, "units")
				}
			}
			demands = append(demands, d)
		}
		if got, want := assign(demands, room), firstOfAll(demands, room); !slices.Equal(got, want) {
			t.Fatalf("%v over %v: got %v, want %v", demands, room, got, want)
		}
	})
}

// of returns a demand for the same number of units of each choice.
func of(units int, choices []int) demand {
	return demand{slices.Repeat([]int{units}, len(choices)), choices}
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestAssignEndsWhereThereIsNoAssignment has one resource too few, which backtracking noticed after n! steps.
func TestAssignEndsWhereThereIsNoAssignment(t *testing.T) {
	const needs = 50
	all := numbers(needs - 1)
	room := slices.Repeat([]int{1}, len(all))
	demands := slices.Repeat([]demand{of(1, all)}, needs)
	if got := assign(demands, room); got != nil {
		t.Errorf("%d demands share %d resources: %v", needs, len(room), got)
	}
	demands[0] = of(2, all) // sizes that differ
	if got := assign(demands, room); got != nil {
		t.Errorf("a demand of two units has a resource of one: %v", got)
	}
}

// TestPackingEnds has demands of different sizes that cannot be packed, and some that only the largest first can.
func TestPackingEnds(t *testing.T) {
	var demands []demand
	all := numbers(20)
	for i := range 40 {
		demands = append(demands, of(2+i%2, all[i%3:]))
	}
	if got := assign(demands, slices.Repeat([]int{4}, 20)); got != nil {
		t.Errorf("100 units are packed into 80: %v", got)
	}
	for _, places := range [][]int{assign(demands, slices.Repeat([]int{5}, 20)), packLargestFirst(demands, slices.Repeat([]int{6}, 20))} {
		if places == nil {
			continue // a packing of bins that are just large enough may not be found
		}
		left := slices.Repeat([]int{6}, 20)
		for i, place := range places {
			left[demands[i].choices[place]] -= demands[i].units[place]
		}
		if slices.Min(left) < 0 {
			t.Errorf("the packing exceeds the room: %v", left)
		}
	}
}

func BenchmarkAssign(b *testing.B) {
	for _, c := range []struct{ needs, resources int }{{10, 9}, {10, 10}, {50, 49}, {50, 200}} {
		all := numbers(c.resources)
		room := slices.Repeat([]int{1}, c.resources)
		demands := slices.Repeat([]demand{of(1, all)}, c.needs)
		b.Run(fmt.Sprintf("needs=%d/resources=%d", c.needs, c.resources), func(b *testing.B) {
			for b.Loop() {
				assign(demands, room)
			}
		})
	}
	b.Run("contested", func(b *testing.B) { // each wants what the others want, and the last ones have the fewest choices
		room := slices.Repeat([]int{1}, 200)
		var demands []demand
		for i := range 50 {
			demands = append(demands, of(1, numbers(200-3*i)))
		}
		for b.Loop() {
			assign(demands, room)
		}
	})
}
