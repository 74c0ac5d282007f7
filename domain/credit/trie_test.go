package credit

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTrieIsAnImmutableMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.StringMatching(`[ab]{0,4}`)).Draw(t, "keys")
		want := map[string]int{}
		kept := []trie[int]{{}}
		wants := []map[string]int{{}}
		for i, key := range keys {
			want[key] = i
			kept = append(kept, kept[i].with(key, i))
			wants = append(wants, maps.Clone(want))
		}
		for i, m := range kept {
			if got := maps.Collect(m.all()); !reflect.DeepEqual(got, wants[i]) || m.size != len(got) {
				t.Fatalf("after %d writes: %v of size %d, want %v", i, got, m.size, wants[i])
			}
			for _, key := range keys {
				value, there := wants[i][key]
				if got, ok := m.get(key); got != value || ok != there {
					t.Fatalf("after %d writes %q is %d, %t", i, key, got, ok)
				}
			}
		}
		last := trie[int]{}
		for _, key := range slices.Sorted(maps.Keys(want)) { // in another order, for the same shape
			last = last.with(key, want[key])
		}
		if !reflect.DeepEqual(last, kept[len(kept)-1]) {
			t.Fatal("two equal maps are not equal values")
		}
	})
}
