package bookingtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/bookingtest"
)

const crowd = 500

func TestCrowdBooksExactlyTheCapacity(t *testing.T) {
	for name, store := range crowdStores(t) {
		for _, capacity := range []int{1, 3, 40} {
			t.Run(fmt.Sprintf("%s/%d", name, capacity), func(t *testing.T) {
				booked, err := bookingtest.Crowd(store, t.Name(), crowd, capacity, 4)
				if err != nil {
					t.Fatal(err)
				}
				if booked != capacity {
					t.Fatalf("%d of %d clients booked a slot of %d units", booked, crowd, capacity)
				}
			})
		}
	}
}

// crowdStores opens one store of each kind, by name.
func crowdStores(t testing.TB) map[string]commands.Store {
	all := map[string]commands.Store{"memory": memory.New()}
	for name, open := range stores {
		all[name] = open(t)
	}
	return all
}

// BenchmarkCrowd reports how long 500 clients wait for one slot of ten units, until the last has its result.
func BenchmarkCrowd(b *testing.B) {
	for name, store := range crowdStores(b) {
		b.Run(name, func(b *testing.B) {
			var longest time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				booked, err := bookingtest.Crowd(store, fmt.Sprint(b.Name(), b.N, i), crowd, 10, 1)
				if err != nil || booked != 10 {
					b.Fatalf("%d booked: %v", booked, err)
				}
				longest = max(longest, time.Since(start))
			}
			b.ReportMetric(float64(longest.Milliseconds()), "ms-longest")
		})
	}
}
