package network

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

type counter = atomic.Int64

// enough is how often each worker must make progress before the toxic, and again after it.
const enough = 3

// worker loads the store until ctx ends, and calls moved when it made progress. It returns an error if the store
// broke its contract.
type worker func(ctx context.Context, moved func()) error

// steps makes a worker of a step that reports progress.
func steps(step func() (bool, error)) worker {
	return func(ctx context.Context, moved func()) error {
		for ctx.Err() == nil {
			got, err := step()
			if err != nil {
				return err
			}
			if got {
				moved()
			}
		}
		return nil
	}
}

// under starts all workers, waits for progress, activates the toxic for a while, and waits until all workers make
// progress again.
func (x *trial) under(workers ...worker) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	counts := make([]counter, len(workers))
	failures := make(chan error, len(workers))
	wake := make(chan struct{}, 1)
	var group sync.WaitGroup
	for i, work := range workers {
		group.Go(func() {
			err := work(ctx, func() {
				counts[i].Add(1)
				select {
				case wake <- struct{}{}:
				default:
				}
			})
			if err != nil {
				failures <- err
			}
		})
	}
	err := x.progress("before the toxic", counts, failures, wake)
	if err == nil {
		x.put()
		pause(ctx, x.dose)
		x.take()
		err = x.progress("after the toxic", counts, failures, wake)
	}
	stop()
	group.Wait()
	close(failures)
	for late := range failures {
		err = errors.Join(err, late)
	}
	return err
}

// progress waits until every worker has made enough progress.
func (x *trial) progress(when string, counts []counter, failures <-chan error, wake <-chan struct{}) error {
	goals := make([]int64, len(counts))
	for i := range counts {
		goals[i] = counts[i].Load() + enough
	}
	late := time.After(x.recovery)
	for {
		stuck := -1
		for i := range counts {
			if counts[i].Load() < goals[i] {
				stuck = i
			}
		}
		if stuck < 0 {
			return nil
		}
		select {
		case err := <-failures:
			return fmt.Errorf("%s: %w", when, err)
		case <-late:
			return fmt.Errorf("%s: worker %d made no progress within %s", when, stuck, x.recovery)
		case <-wake:
		}
	}
}
