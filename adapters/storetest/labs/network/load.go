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

// enough is how often each worker must get somewhere before the toxic is put in, and again after it is out.
const enough = 3

// worker is one of those who load the store. It works until ctx ends and says moved whenever it got somewhere; an
// error is a complaint.
type worker func(ctx context.Context, moved func()) error

// steps makes a worker of a step that says whether it got somewhere.
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

// under lets all workers get going, puts the toxic in, takes it out after a while, and waits until all of them get on
// again.
func (x *trial) under(workers ...worker) error {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	counts := make([]counter, len(workers))
	complaints := make(chan error, len(workers))
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
				complaints <- err
			}
		})
	}
	err := x.getOn("before the toxic", counts, complaints, wake)
	if err == nil {
		x.put()
		pause(ctx, x.dose)
		x.take()
		err = x.getOn("after the toxic", counts, complaints, wake)
	}
	stop()
	group.Wait()
	close(complaints)
	for late := range complaints {
		err = errors.Join(err, late)
	}
	return err
}

// getOn waits until every worker got somewhere often enough.
func (x *trial) getOn(when string, counts []counter, complaints <-chan error, wake <-chan struct{}) error {
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
		case err := <-complaints:
			return fmt.Errorf("%s: %w", when, err)
		case <-late:
			return fmt.Errorf("%s: worker %d did not get on within %s", when, stuck, x.recovery)
		case <-wake:
		}
	}
}
