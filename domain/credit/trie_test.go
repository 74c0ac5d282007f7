package credit

import (
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

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

func TestRecordOfAMessageIsSmall(t *testing.T) {
	const messages, limit = 20_000, 300
	state := Evolve(State{}, CreditsPurchased{
		Posted{Postings: []Posting{{From: IssuedPaid, To: Paid, Amount: 1 << 50}}}, "P1",
	})
	before := heap()
	at := time.Date(2026, 3, 18, 0, 0, 0, 0, time.UTC)
	for i := range messages {
		because := Because{"A1", "e", at}
		id := fmt.Sprintf("%08d-0000-5000-8000-000000000000", i)
		for _, command := range []Command{
			Hold{because, id, 1, 7, "BR", "America/Sao_Paulo", nil},
			Accept{because, id, 1, string([]byte("alpha")), at, nil, 30},
			Recover{because, id, "W1", false, i%3 == 0, false, 30},
		} {
			events, err := Decide(state, command)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range events {
				state = Evolve(state, event)
			}
		}
	}
	if room := (heap() - before) / messages; room > limit {
		t.Errorf("a message takes %d bytes, more than %d", room, limit)
	} else {
		t.Logf("a message takes %d bytes", room)
	}
	if len(state.Captured()) != messages {
		t.Error("messages were lost")
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkCharge(b *testing.B) {
	state := Evolve(State{}, CreditsPurchased{
		Posted{Postings: []Posting{{From: IssuedPaid, To: Paid, Amount: 1 << 50}}}, "P1",
	})
	at := time.Date(2026, 3, 18, 0, 0, 0, 0, time.UTC)
	for i := 0; b.Loop(); i++ {
		because := Because{"A1", "e", at}
		id := fmt.Sprint(i)
		for _, command := range []Command{
			Hold{because, id, 1, 7, "BR", "America/Sao_Paulo", nil}, Accept{because, id, 1, "alpha", at, nil, 30},
		} {
			events, err := Decide(state, command)
			if err != nil {
				b.Fatal(err)
			}
			for _, event := range events {
				state = Evolve(state, event)
			}
		}
	}
}
