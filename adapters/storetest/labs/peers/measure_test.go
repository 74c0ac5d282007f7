package peers

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// load is a way of appending: the number of concurrent writers, and the number of events of one append.
type load struct {
	name           string
	writers, batch int
}

var loads = []load{
	{"64 writers", 64, 1},
	{"one writer", 1, 1},
	{"one writer, batches of 10", 1, 10},
}

// speed is one measurement. Its times are those of single appends.
type speed struct {
	perSecond float64
	cpu       float64 // microseconds per event, NaN if unknown
	p50, p99  time.Duration
}

// appending measures one round of at least n events. A limit gets the work of all writers in groups, from one client.
func (m *measured) appending(ctx context.Context, l load, n int) (speed, error) {
	work := batches(l.writers, l.batch, max(n/l.writers, 1))
	if m.limit {
		work = grouped(work, l.writers*l.batch)
	}
	requests := make([][]func(context.Context) error, len(work))
	events := 0
	for writer, list := range work {
		for _, batch := range list {
			request, err := m.contender.prepare(batch)
			if err != nil {
				return speed{}, err
			}
			requests[writer] = append(requests[writer], request)
			events += len(batch)
		}
	}
	runtime.GC() // do not measure the garbage of the preparation
	before := m.server.cost(ctx, m)
	took, times, err := race(ctx, requests)
	if err != nil {
		return speed{}, fmt.Errorf("%s, %s: %w", m.name, l.name, err)
	}
	spent := m.server.cost(ctx, m) - before
	slices.Sort(times)
	return speed{
		float64(events) / took.Seconds(), spent / float64(events), quantile(times, 0.50), quantile(times, 0.99),
	}, nil
}

// race runs all writers, each making its requests one after another, and returns when the last has finished.
func race(ctx context.Context, requests [][]func(context.Context) error) (took time.Duration, times []time.Duration,
	err error,
) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	perWriter := make([][]time.Duration, len(requests))
	for writer := range requests {
		perWriter[writer] = make([]time.Duration, 0, len(requests[writer]))
	}
	var group sync.WaitGroup
	start := time.Now()
	for writer, list := range requests {
		group.Go(func() {
			for _, request := range list {
				begun := time.Now()
				if err := request(ctx); err != nil {
					cancel(err)
					return
				}
				perWriter[writer] = append(perWriter[writer], time.Since(begun))
			}
		})
	}
	group.Wait()
	return time.Since(start), slices.Concat(perWriter...), context.Cause(ctx)
}

// grouped merges the work of many writers into one list, taking from each in turn, in groups of a size.
func grouped(work [][][]event, size int) [][][]event {
	var all []event
	for turn := 0; ; turn++ {
		before := len(all)
		for _, list := range work {
			if turn < len(list) {
				all = append(all, list[turn]...)
			}
		}
		if len(all) == before {
			return [][][]event{slices.Collect(slices.Chunk(all, size))}
		}
	}
}

// replaying measures reading the whole log into domain values, as often as fits a slice of time. A nil unmarshal
// means the JSON reader of the store.
func (m *measured) replaying(ctx context.Context, unmarshal domain.Unmarshal, slice time.Duration) (speed, error) {
	runtime.GC()
	passes, before := 0, m.server.cost(ctx, m)
	start := time.Now()
	for passes == 0 || time.Since(start) < slice {
		count := 0
		err := m.contender.replay(ctx, unmarshal, func(domain.Event) bool {
			count++
			return count < m.log
		})
		if err == nil && count != m.log {
			err = fmt.Errorf("read %d events of %d", count, m.log)
		}
		if err != nil {
			return speed{}, fmt.Errorf("%s, replay: %w", m.name, err)
		}
		passes++
	}
	took, spent, n := time.Since(start), m.server.cost(ctx, m)-before, float64(passes*m.log)
	return speed{perSecond: n / took.Seconds(), cpu: spent / n}, nil
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)-1))]
}

// median returns the median and does not change values.
func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
