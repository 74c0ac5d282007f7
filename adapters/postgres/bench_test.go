package postgres

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/storetest/storebench"
	"github.com/clickbook/clickbook/domain"
)

// Each round of the store alternates with a round of a bare loop on its own copy of the same tables.
//
//	go test -run=- -bench=. -benchtime=5x ./adapters/postgres
//
// CLICKBOOK_BENCH_SEED is the number of events already in the tables, 200,000 if it is not set.

// BenchmarkAppend measures callers with one event each, and multi-row inserts of as many rows by the same driver.
func BenchmarkAppend(b *testing.B) {
	for name, count := range map[string]int{"16 callers": 16, "64 callers": 64} {
		b.Run(name, func(b *testing.B) {
			store, raw := openSeeded(b), openBare(b)
			var times storebench.Times
			var sides storebench.Sides
			before := store.writer.transactions.Load()
			for b.Loop() {
				sides.Round(benchRound, func() {
					times = append(times, storebench.Callers(b, store, count, benchRound)...)
				}, func() { raw.round(b, benchRound, count) })
			}
			sides.Report(b)
			times.Report(b)
			b.ReportMetric(float64(sides.Events)/float64(store.writer.transactions.Load()-before), "events/commit")
		})
	}
}

// BenchmarkAppendAlone measures one caller, and single-row inserts on one connection.
func BenchmarkAppendAlone(b *testing.B) {
	const n = 1000
	store, raw := openSeeded(b), openBare(b)
	var times storebench.Times
	var sides storebench.Sides
	for b.Loop() {
		sides.Round(n, func() { times = append(times, storebench.Callers(b, store, 1, n)...) },
			func() { raw.round(b, n, 1) })
	}
	sides.Report(b)
	times.Report(b)
}

// BenchmarkReadAll reads the whole log as entries with their own bytes. The limit is one ordered SELECT of the
// same columns by the same driver that keeps nothing.
func BenchmarkReadAll(b *testing.B) {
	store := openSeeded(b)
	conn, err := store.schema.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context())
	bytes := 0
	events := storebench.ReadAll(b, store, domain.Filter{})
	var sides storebench.Sides
	for b.Loop() {
		sides.Round(events, func() { storebench.ReadAll(b, store, domain.Filter{}) }, func() {
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
		})
	}
	sides.Report(b)
}

func BenchmarkReadFiltered(b *testing.B) { storebench.ReadFiltered(b, openSeeded(b)) }

func BenchmarkReadStream(b *testing.B) { storebench.ReadStream(b, openSeeded(b)) }
