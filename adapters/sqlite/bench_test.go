package sqlite

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	driver "zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/domain"
)

// The benchmarks measure the store against the raw limit in the same run, because disks and neighbours differ:
// every round of the store stands beside a round of a bare loop on its own copy of the same file.
//
//	go test -run=- -bench=. -benchtime=5x ./adapters/sqlite
//
// CLICKBOOK_BENCH_SEED is how many events the file holds before, 500,000 when it is not set.

// BenchmarkAppend: 64 callers on a log that holds half a million events, beside the bare loop in groups of 64.
func BenchmarkAppend(b *testing.B) {
	store, raw := openBench(b, seed(b)), openBare(b, seed(b))
	var times []time.Duration
	var mine, limit time.Duration
	events := 0
	for b.Loop() {
		start := time.Now()
		times = append(times, callers(b, store, benchCallers, benchRound)...)
		mine += time.Since(start)
		start = time.Now()
		if err := raw.round(benchRound, benchCallers); err != nil {
			b.Fatal(err)
		}
		limit += time.Since(start)
		events += benchRound
	}
	b.ReportMetric(float64(events)/mine.Seconds(), "events/s")
	b.ReportMetric(float64(events)/limit.Seconds(), "bare-events/s")
	b.ReportMetric(limit.Seconds()/mine.Seconds(), "ratio")
	b.ReportMetric(float64(events)/float64(store.writer.transactions), "events/commit")
	b.ReportMetric(quantile(times, 0.50), "p50-ms")
	b.ReportMetric(quantile(times, 0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkAppendAlone: one caller beside the disk's own sync of as many bytes, over a file that is already there.
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
	var times, syncs []time.Duration
	for b.Loop() {
		times = append(times, callers(b, store, 1, n)...)
		for i := range n {
			syncs = append(syncs, write(i))
		}
	}
	b.ReportMetric(quantile(times, 0.50), "p50-ms")
	b.ReportMetric(quantile(times, 0.99), "p99-ms")
	b.ReportMetric(quantile(syncs, 0.50), "sync-p50-ms")
	b.ReportMetric(quantile(syncs, 0.99), "sync-p99-ms")
	b.ReportMetric(quantile(times, 0.50)/quantile(syncs, 0.50), "times-sync")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReadAll: the whole log as entries with bytes of their own, beside a bare loop over the same columns that
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
	var mine, limit time.Duration
	events, bytes := 0, 0
	for b.Loop() {
		start := time.Now()
		for entry, err := range store.ReadAll(b.Context(), domain.Position{}, domain.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
			events++
			bytes += len(entry.Data)
		}
		mine += time.Since(start)
		start = time.Now()
		buffer := make([]byte, 4096)
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
		limit += time.Since(start)
	}
	b.ReportMetric(float64(events)/mine.Seconds(), "events/s")
	b.ReportMetric(float64(events)/limit.Seconds(), "bare-events/s")
	b.ReportMetric(limit.Seconds()/mine.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReadFiltered: a scan of the whole log that finds nothing or everything.
func BenchmarkReadFiltered(b *testing.B) {
	store := openBench(b, seed(b))
	if _, err := store.Append(b.Context(), "client-1", domain.NoStream, []domain.Stored{
		{ID: uuid.New(), Type: "Rare", Data: benchData, Meta: benchMeta},
	}); err != nil {
		b.Fatal(err)
	}
	for name, filter := range map[string]domain.Filter{
		"rare type":     {Types: []string{"Rare"}},
		"rare category": {Prefixes: []string{"client-"}},
		"rare stream":   {Prefixes: []string{"client-1"}},
		"name of a half": {
			Types: []string{"SmsSent"}, Prefixes: []string{"message-0", "message-1", "message-2", "message-3"},
		},
	} {
		b.Run(name, func(b *testing.B) {
			head := store.head.Load()
			for b.Loop() {
				for _, err := range store.ReadAll(b.Context(), domain.Position{}, filter) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(head)*float64(b.N)/b.Elapsed().Seconds(), "looked-at/s")
		})
	}
}

// BenchmarkReadStream: loads short streams, as every command does.
func BenchmarkReadStream(b *testing.B) {
	store := openBench(b, seed(b))
	var streams []domain.Stream
	for entry, err := range store.ReadAll(b.Context(), domain.Position{}, domain.Filter{}) {
		if err != nil {
			b.Fatal(err)
		}
		if entry.Revision == 0 {
			streams = append(streams, entry.Stream)
		}
	}
	for b.Loop() {
		for _, err := range store.ReadStream(b.Context(), streams[rand.IntN(len(streams))], 0) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
