package postgres

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// The benchmarks measure the store against the raw limit in the same run, because servers and neighbours differ:
// every round of the store stands beside a round of a bare loop on its own copy of the same tables.
//
//	go test -run=- -bench=. -benchtime=5x ./adapters/postgres
//
// CLICKBOOK_BENCH_SEED is how many events the tables hold before, 200,000 when it is not set.

// BenchmarkAppend: callers with one event each, beside multi-row inserts of as many rows by the same driver.
func BenchmarkAppend(b *testing.B) {
	for name, count := range map[string]int{"16 callers": 16, "64 callers": 64} {
		b.Run(name, func(b *testing.B) {
			store, raw := openSeeded(b), openBare(b)
			var times []time.Duration
			var mine, limit time.Duration
			before := store.writer.transactions
			events := 0
			for b.Loop() {
				start := time.Now()
				times = append(times, callers(b, store, count, benchRound)...)
				mine += time.Since(start)
				start = time.Now()
				raw.round(b, benchRound, count)
				limit += time.Since(start)
				events += benchRound
			}
			b.ReportMetric(float64(events)/mine.Seconds(), "events/s")
			b.ReportMetric(float64(events)/limit.Seconds(), "bare-events/s")
			b.ReportMetric(limit.Seconds()/mine.Seconds(), "ratio")
			b.ReportMetric(float64(events)/float64(store.writer.transactions-before), "events/commit")
			b.ReportMetric(quantile(times, 0.50), "p50-ms")
			b.ReportMetric(quantile(times, 0.99), "p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkAppendAlone: one caller, beside single-row inserts on one connection.
func BenchmarkAppendAlone(b *testing.B) {
	const n = 1000
	store, raw := openSeeded(b), openBare(b)
	var times []time.Duration
	var mine, limit time.Duration
	for b.Loop() {
		start := time.Now()
		times = append(times, callers(b, store, 1, n)...)
		mine += time.Since(start)
		start = time.Now()
		raw.round(b, n, 1)
		limit += time.Since(start)
	}
	b.ReportMetric(limit.Seconds()/mine.Seconds(), "ratio")
	b.ReportMetric(quantile(times, 0.50), "p50-ms")
	b.ReportMetric(quantile(times, 0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReadAll: the whole log as entries with bytes of their own, beside one ordered SELECT of the same columns
// by the same driver that keeps nothing.
func BenchmarkReadAll(b *testing.B) {
	store := openSeeded(b)
	conn, err := store.schema.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
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
		rows, err := conn.Query(b.Context(), columns+"ORDER BY e.xid, e.seq")
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			bytes += len(rows.RawValues()[6])
		}
		if rows.Err() != nil {
			b.Fatal(rows.Err())
		}
		limit += time.Since(start)
	}
	b.ReportMetric(float64(events)/mine.Seconds(), "events/s")
	b.ReportMetric(float64(events)/limit.Seconds(), "bare-events/s")
	b.ReportMetric(limit.Seconds()/mine.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkReadFiltered: a scan of the whole log that finds nothing or half.
func BenchmarkReadFiltered(b *testing.B) {
	store := openSeeded(b)
	if _, err := store.Append(b.Context(), "client-1", domain.NoStream, []domain.Stored{
		{ID: uuid.New(), Type: "Rare", Data: benchData, Meta: benchMeta},
	}); err != nil {
		b.Fatal(err)
	}
	for name, filter := range map[string]domain.Filter{
		"rare type":     {Types: []string{"Rare"}},
		"rare category": {Prefixes: []string{"client-"}},
		"a half":        {Types: []string{"SmsSent"}, Prefixes: []string{"message-0", "message-1", "message-2", "message-3"}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range store.ReadAll(b.Context(), domain.Position{}, filter) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(benchSeed())*float64(b.N)/b.Elapsed().Seconds(), "looked-at/s")
		})
	}
}

// BenchmarkReadStream: loads short streams, as every command does.
func BenchmarkReadStream(b *testing.B) {
	store := openSeeded(b)
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
