package recent

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAgainstPlainMap: what was used within the last limit distinct keys is there and right, nothing wrong is ever
// found, and the bound holds.
func TestAgainstPlainMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 8).Draw(t, "limit")
		m, plain := New[int, int](limit), map[int]int{}
		var uses []int // the latest last, each key once
		for step := range rapid.IntRange(1, 200).Draw(t, "steps") {
			key := rapid.IntRange(0, 20).Draw(t, "key")
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				m.Drop(key)
				delete(plain, key)
				uses = append(without(uses, key), key)
			case 1, 2:
				m.Keep(key, step)
				plain[key] = step
				uses = append(without(uses, key), key)
			default:
				got, ok := m.Find(key)
				want, kept := plain[key]
				if ok && (!kept || got != want) {
					t.Fatalf("found %d under %d, kept was %d (%t)", got, key, want, kept)
				}
				if ok {
					uses = append(without(uses, key), key)
				}
				for _, late := range uses[max(0, len(uses)-limit):] {
					if late == key && kept && !ok {
						t.Fatalf("%d is lost though it was among the last %d used", key, limit)
					}
				}
			}
			if n := len(m.young) + len(m.old); n > 2*limit {
				t.Fatalf("%d entries are kept, the bound is %d", n, 2*limit)
			}
		}
		m.Clear()
		if len(m.young)+len(m.old) != 0 {
			t.Fatal("entries are left after Clear")
		}
	})
}

func without(keys []int, key int) []int {
	var rest []int
	for _, k := range keys {
		if k != key {
			rest = append(rest, k)
		}
	}
	return rest
}
