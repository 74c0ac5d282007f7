package bookingtest_test

import (
	"flag"
	"io"
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/bookingtest"
)

var (
	first = flag.Uint64("seed", 1, "first seed to play")
	many  = flag.Int("runs", 20_000, "number of interleavings to play in memory")
)

func TestModelInMemory(t *testing.T) {
	n := *many
	if testing.Short() {
		n = min(n, 1000)
	}
	play(t, n, func() commands.Store { return memory.New() })
}

// TestModelInStores plays the first of the same interleavings on durable stores. There are fewer, because each call
// takes longer.
func TestModelInStores(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			n := 500
			if testing.Short() {
				n = 50
			}
			store := open(t)
			play(t, min(*many, n), func() commands.Store { return store })
		})
	}
}

// stores open a durable store each.
var stores = map[string]func(t testing.TB) commands.Store{
	"SQLite": func(t testing.TB) commands.Store {
		return closed(t)(sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "events.db"), sqlite.Options{}))
	},
	"PostgreSQL": func(t testing.TB) commands.Store {
		return closed(t)(postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{}))
	},
	"KurrentDB": func(t testing.TB) commands.Store {
		return closed(t)(kurrentdb.Open(t.Context(), esdbtest.Start(t).URL(), kurrentdb.Options{}))
	},
}

// closed closes a store at the end of the test.
func closed(t testing.TB) func(store durable, err error) commands.Store {
	return func(store durable, err error) commands.Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
		return store
	}
}

type durable interface {
	commands.Store
	io.Closer
}

// play plays many seeds and checks that they covered everything.
func play(t *testing.T, n int, open func() commands.Store) {
	var all bookingtest.Report
	for i := range n {
		report, err := bookingtest.Play(open(), *first+uint64(i), bookingtest.Flawless)
		if err != nil {
			t.Fatalf("%v\nplay it again with -seed %d -runs 1", err, *first+uint64(i))
		}
		all.Add(report)
	}
	t.Logf("%d interleavings: %+v", n, all)
	if what := all.Missing(); what != "" && n >= 500 {
		t.Fatalf("%d interleavings had no %s: the schedule does not cover it", n, what)
	}
}

// TestSameSeedSameRun shows that a seed that fails can be played again.
func TestSameSeedSameRun(t *testing.T) {
	for seed := range uint64(50) {
		one, err := bookingtest.Play(memory.New(), seed, bookingtest.Flawless)
		if err != nil {
			t.Fatal(err)
		}
		two, err := bookingtest.Play(memory.New(), seed, bookingtest.Flawless)
		if err != nil {
			t.Fatal(err)
		}
		if one != two {
			t.Fatalf("seed %d played differently\n one: %+v\n two: %+v", seed, one, two)
		}
	}
}

// TestModelFindsPlantedFlaws shows that the model can fail.
func TestModelFindsPlantedFlaws(t *testing.T) {
	for name, flaw := range map[string]bookingtest.Flaw{
		"append ignores the revision": bookingtest.AppendIgnoresRevision,
		"hold ignores the revision":   bookingtest.HoldIgnoresRevision,
		"booked without expectation":  bookingtest.BookedWithoutExpectation,
		"request ignores hold's end":  bookingtest.RequestIgnoresHoldEnd,
		"release before move commits": bookingtest.ReleaseBeforeMoveCommits,
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(5000) {
				if _, err := bookingtest.Play(memory.New(), seed, flaw); err != nil {
					t.Logf("found: %v", err)
					return
				}
			}
			t.Fatal("5,000 interleavings did not find the flaw")
		})
	}
}
