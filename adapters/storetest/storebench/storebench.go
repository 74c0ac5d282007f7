// Package storebench has the common parts of the benchmarks of stores: concurrent callers, scans and loads, and a
// stopwatch for two sides. The benchmarks of each store measure the limit of its engine too. Each round of the store
// alternates with a round of that limit in the same run, because disks, servers and other load differ.
package storebench

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// StreamLength is how many events a stream has, one per append.
const StreamLength = 10

// Data is the data of every event: 300 bytes that compress as little as ours do.
var Data = text(300)

// Meta is the metadata of every event: 100 bytes of the same kind.
var Meta = text(100)

func text(n int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = "0123456789abcdef-\": {}"[rand.IntN(22)]
	}
	return text
}

// Seed returns how many events a log holds before the measurement: CLICKBOOK_BENCH_SEED, or the usual number.
func Seed(b *testing.B, usual int) int {
	b.Helper()
	text := os.Getenv("CLICKBOOK_BENCH_SEED")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("invalid CLICKBOOK_BENCH_SEED %q: write a number of events", text)
	}
	return n
}

// Event returns a new event of type SmsSent.
func Event() domain.Stored {
	return domain.Stored{ID: uuid.New(), Type: "SmsSent", Data: Data, Meta: Meta}
}

// NewStream returns the name of a new stream of the category message.
func NewStream() domain.Stream { return domain.Stream("message-" + uuid.NewString()) }

// Sides are two stopwatches, for rounds with the same number of events.
type Sides struct {
	Events       int // per side, in all rounds
	store, limit time.Duration
}

// Round times one round of the store and one of the raw limit.
func (s *Sides) Round(events int, store, limit func()) {
	start := time.Now()
	store()
	s.store += time.Since(start)
	start = time.Now()
	limit()
	s.limit += time.Since(start)
	s.Events += events
}

// Report reports both rates, and as ratio the part of the limit that the store reaches.
func (s *Sides) Report(b *testing.B) {
	b.ReportMetric(float64(s.Events)/s.store.Seconds(), "events/s")
	b.ReportMetric(float64(s.Events)/s.limit.Seconds(), "bare-events/s")
	b.ReportMetric(s.limit.Seconds()/s.store.Seconds(), "ratio")
	b.ReportMetric(0, "ns/op")
}

// Times are the durations of single calls.
type Times []time.Duration

// Milliseconds returns the quantile q.
func (t Times) Milliseconds(q float64) float64 {
	slices.Sort(t)
	return float64(t[int(q*float64(len(t)-1))]) / float64(time.Millisecond)
}

// Report reports the median and the 99th percentile.
func (t Times) Report(b *testing.B) {
	b.ReportMetric(t.Milliseconds(0.50), "p50-ms")
	b.ReportMetric(t.Milliseconds(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// Callers append n events in total, one at a time, to their own streams.
func Callers(b *testing.B, store domain.Appender, count, n int) Times {
	times := make([]Times, count)
	var group sync.WaitGroup
	for caller := range count {
		group.Go(func() {
			var stream domain.Stream
			for i := range n / count {
				if i%StreamLength == 0 {
					stream = NewStream()
				}
				event := []domain.Stored{Event()}
				start := time.Now()
				if _, err := store.Append(b.Context(), stream, domain.Revision(i%StreamLength-1), event); err != nil {
					b.Error(err)
					return
				}
				times[caller] = append(times[caller], time.Since(start))
			}
		})
	}
	group.Wait()
	return slices.Concat(times...)
}

// ReadAll reads the log with a filter and returns the number of events.
func ReadAll(b *testing.B, store domain.LogReader, filter domain.Filter) (events int) {
	for _, err := range store.ReadAll(b.Context(), domain.Position{}, filter) {
		if err != nil {
			b.Fatal(err)
		}
		events++
	}
	return events
}

// ReadFiltered measures scans of a whole log for rare and for frequent events.
func ReadFiltered(b *testing.B, store domain.EventStore) {
	if _, err := store.Append(b.Context(), "client-1", domain.NoStream, []domain.Stored{
		{ID: uuid.New(), Type: "Rare", Data: Data, Meta: Meta},
	}); err != nil {
		b.Fatal(err)
	}
	events := ReadAll(b, store, domain.Filter{})
	for name, filter := range map[string]domain.Filter{
		"rare type":     {Types: []string{"Rare"}},
		"rare category": {Prefixes: []string{"client-"}},
		"rare stream":   {Prefixes: []string{"client-1"}},
		"a quarter": {
			Types: []string{"SmsSent"}, Prefixes: []string{"message-0", "message-1", "message-2", "message-3"},
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ReadAll(b, store, filter)
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "looked-at/s")
		})
	}
}

// ReadStream measures reads of short streams, as every command makes them.
func ReadStream(b *testing.B, store domain.EventStore) {
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
