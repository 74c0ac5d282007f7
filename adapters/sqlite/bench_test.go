package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	driver "zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/adapters/storetest/storebench"
	"github.com/clickbook/clickbook/domain"
)

// Each round of the store alternates with a round of a bare loop on its own copy of the same file.
//
//	go test -run=- -bench=. -benchtime=5x ./adapters/sqlite
//
// CLICKBOOK_BENCH_SEED is the number of events already in the file, 500,000 if it is not set.

// BenchmarkAppend measures 64 callers on a log of half a million events, and the bare loop in groups of 64.
func BenchmarkAppend(b *testing.B) {
	store, raw := openBench(b, seed(b)), openBare(b, seed(b))
	var times storebench.Times
	var sides storebench.Sides
	for b.Loop() {
		sides.Round(benchRound, func() {
			times = append(times, storebench.Callers(b, store, benchCallers, benchRound)...)
		}, func() {
			if err := raw.round(benchRound, benchCallers); err != nil {
				b.Fatal(err)
			}
		})
	}
	sides.Report(b)
	times.Report(b)
	b.ReportMetric(float64(sides.Events)/float64(store.writer.transactions), "events/commit")
}

// BenchmarkAppendAlone measures one caller, and syncs of as many bytes to an existing file.
func BenchmarkAppendAlone(b *testing.B) {
	const n = 2000
	store := openBench(b, seed(b))
	file, err := os.Create(filepath.Join(b.TempDir(), "sync"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	frames := make([]byte, 3*(8192+24)) // what an append writes: the row's page, the index's, the names'
	write := func(i int) time.Duration {
		start := time.Now()
		if _, err := file.WriteAt(frames, int64(i%1000*len(frames))); err != nil {
			b.Fatal(err)
		}
		if err := datasync(file); err != nil {
			b.Fatal(err)
		}
		return time.Since(start)
	}
	for i := range 1000 {
		write(i)
	}
	var times, syncs storebench.Times
	for b.Loop() {
		times = append(times, storebench.Callers(b, store, 1, n)...)
		for i := range n {
			syncs = append(syncs, write(i))
		}
	}
	times.Report(b)
	b.ReportMetric(syncs.Milliseconds(0.50), "sync-p50-ms")
	b.ReportMetric(syncs.Milliseconds(0.99), "sync-p99-ms")
	b.ReportMetric(times.Milliseconds(0.50)/syncs.Milliseconds(0.50), "times-sync")
}

// BenchmarkReadAll reads the whole log as entries with their own bytes. The bare loop reads the same columns and
// keeps nothing.
func BenchmarkReadAll(b *testing.B) {
	path := seed(b)
	store := openBench(b, path)
	conn, err := store.file.Conn("query_only=ON", "cache_size=-4096")
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	stmt := conn.Prep(columns + "ORDER BY position")
	events := storebench.ReadAll(b, store, domain.Filter{})
	buffer := make([]byte, 4096)
	var sides storebench.Sides
	for b.Loop() {
		sides.Round(events, func() { storebench.ReadAll(b, store, domain.Filter{}) }, func() {
			err := query(stmt, func(stmt *driver.Stmt) error {
				for i := range 5 {
					_ = stmt.ColumnInt64(i)
				}
				for i := 5; i < 8; i++ {
					stmt.ColumnBytes(i, buffer)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
	sides.Report(b)
}

func BenchmarkReadFiltered(b *testing.B) { storebench.ReadFiltered(b, openBench(b, seed(b))) }

func BenchmarkReadStream(b *testing.B) { storebench.ReadStream(b, openBench(b, seed(b))) }
