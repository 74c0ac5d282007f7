// Package lanes shares workers fairly between owners. Each owner has a lane, and the workers take one piece of work
// from each lane in turn, so that an owner with much work does not delay the others.
package lanes

import (
	"context"
	"errors"
	"sync"
)

// Work is one piece of work. If it returns ErrLater, it is done again after the rest of its lane.
type Work func(ctx context.Context) error

// ErrLater is the error of work that cannot be done yet, because something that it needs is in use.
var ErrLater = errors.New("the work must be done later")

// MaxLane bounds the work that waits in one lane.
const MaxLane = 10_000

// Lanes holds the work that waits.
type Lanes[K comparable] struct {
	// Rest waits for a moment, before a worker takes other work after ErrLater.
	Rest func(ctx context.Context)

	mu    sync.Mutex // guards the fields below
	lanes map[K][]Work
	order []K // of the lanes that have work, the next one first
	wake  chan struct{}
}

// Add adds work at the end of a lane. It reports false if the lane is full.
func (l *Lanes[K]) Add(lane K, work Work) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lanes[lane]) >= MaxLane {
		return false
	}
	l.add(lane, work)
	return true
}

func (l *Lanes[K]) add(lane K, work Work) {
	if l.lanes == nil {
		l.lanes = make(map[K][]Work)
	}
	if len(l.lanes[lane]) == 0 {
		l.order = append(l.order, lane)
	}
	l.lanes[lane] = append(l.lanes[lane], work)
	l.signal()
}

// signal wakes one worker. The caller holds the lock.
func (l *Lanes[K]) signal() {
	select {
	case l.waking() <- struct{}{}:
	default:
	}
}

func (l *Lanes[K]) waking() chan struct{} {
	if l.wake == nil {
		l.wake = make(chan struct{}, 1)
	}
	return l.wake
}

// take returns the next work of the next lane, and puts the lane at the end of the order.
func (l *Lanes[K]) take() (lane K, work Work, wake <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) == 0 {
		return lane, nil, l.waking()
	}
	lane = l.order[0]
	l.order = l.order[1:]
	waiting := l.lanes[lane]
	work = waiting[0]
	if waiting = waiting[1:]; len(waiting) == 0 {
		delete(l.lanes, lane)
	} else {
		l.lanes[lane] = waiting
		l.order = append(l.order, lane)
		l.signal() // there is more for another worker
	}
	return lane, work, nil
}

// Len returns how much work waits.
func (l *Lanes[K]) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := 0
	for _, lane := range l.lanes {
		all += len(lane)
	}
	return all
}

// Run does the work with a number of workers until ctx ends, and waits for what is in progress. Work that waits is
// dropped then. Report gets every other error.
func (l *Lanes[K]) Run(ctx context.Context, workers int, report func(error)) {
	var running sync.WaitGroup
	for range workers {
		running.Go(func() { l.work(ctx, report) })
	}
	running.Wait()
}

func (l *Lanes[K]) work(ctx context.Context, report func(error)) {
	for ctx.Err() == nil {
		lane, work, wake := l.take()
		if work == nil {
			select {
			case <-ctx.Done():
			case <-wake:
			}
			continue
		}
		err := work(ctx)
		switch {
		case errors.Is(err, ErrLater):
			l.mu.Lock()
			l.add(lane, work)
			l.mu.Unlock()
			l.Rest(ctx)
		case err != nil && ctx.Err() == nil:
			report(err)
		}
	}
}
