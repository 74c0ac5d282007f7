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

// load is a way of appending: how many writers at once, and how many events each gives to one append.
type load struct {
	name           string
	writers, batch int
}

var loads = []load{
	{"64 writers", 64, 1},
	{"one writer", 1, 1},
	{"one writer, batches of 10", 1, 10},
}

// speed is one measurement. Times are those of one append.
type speed struct {
	perSecond float64
	cpu       float64 // microseconds an event, not a number where it cannot be told
	p50, p99  time.Duration
}

// appending measures one round of at least n events. A limit gets as much at once as the writers together ask for,
// and has one hand to do it.
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
	runtime.GC() // what was prepared is not paid for by who is measured
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

// race lets every writer make its requests one after another, and answers when the last has finished.
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

// grouped makes one list of the work of many writers, taking from each in turn, in groups of a size.
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

// replaying measures reading the whole log into values of the domain, as often as fills a slice of time. A nil
// unmarshal stands for the reader that the store comes with.
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

// median of a few values; it leaves them as they are.
func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
