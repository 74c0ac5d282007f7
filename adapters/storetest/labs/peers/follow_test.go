package peers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	followWriters  = 16
	followPatience = 30 * time.Second
)

// missed counts the events that a follower did not see of those appended while it read.
type missed struct {
	appended, missed int
	early            int  // seen before the last writer had finished
	gaveUp           bool // the mark never came, so missed events may only be late
}

// hold begins a transaction of another program that stays open until it is released.
type hold func(context.Context) (release func(context.Context) error, err error)

// following runs 16 writers while the reader of the store follows. When all have finished, and the hold has ended if
// there is one, one more event is appended: the mark. A reader in log order does not go back after the mark, so it
// has missed every event that it has not seen by then.
func following(ctx context.Context, e entrant, c contender, n int, hold hold) (missed, error) {
	result, err := follow(ctx, c, n, hold)
	if err != nil {
		return missed{}, fmt.Errorf("%s, following: %w", e.name, err)
	}
	return result, nil
}

func follow(ctx context.Context, c contender, n int, hold hold) (result missed, err error) {
	watch := &watch{seen: make(map[place]bool), marked: make(chan struct{}), mark: streamOf(5)[:1]}
	requests := make([][]func(context.Context) error, followWriters)
	for writer, list := range batches(followWriters, 1, n/followWriters) {
		for _, batch := range list {
			request, err := c.prepare(batch)
			if err != nil {
				return result, err
			}
			requests[writer] = append(requests[writer], request)
			watch.seen[place{batch[0].stream, batch[0].version}] = false
		}
	}
	result.appended = len(watch.seen)

	following, stop := context.WithCancel(ctx)
	defer stop()
	wait, err := c.follow(following, watch.see)
	if err != nil {
		return result, err
	}
	ended := make(chan error, 1)
	go func() { ended <- wait() }()

	result.early, err = appendUnder(ctx, hold, requests, watch)
	if err == nil {
		var mark func(context.Context) error
		if mark, err = c.prepare(watch.mark); err == nil {
			err = mark(ctx)
		}
	}
	if err != nil {
		stop()
		return result, errors.Join(err, <-ended)
	}
	select {
	case <-watch.marked:
	case err := <-ended:
		return result, errors.Join(errors.New("the follower ended early"), err)
	case <-time.After(followPatience):
		result.gaveUp = true
	}
	stop()
	result.missed = result.appended - watch.count()
	return result, <-ended
}

// appendUnder runs the writers under the hold and returns how many events had been seen when they finished.
func appendUnder(ctx context.Context, hold hold, requests [][]func(context.Context) error, watch *watch) (int, error) {
	if hold == nil {
		_, _, err := race(ctx, requests)
		return watch.count(), err
	}
	release, err := hold(ctx)
	if err != nil {
		return 0, err
	}
	_, _, err = race(ctx, requests)
	early := watch.count()
	return early, errors.Join(err, release(context.WithoutCancel(ctx)))
}

// place identifies an event in every store.
type place struct {
	stream  uuid.UUID
	version int
}

// watch records which of the expected events were seen.
type watch struct {
	mu     sync.Mutex
	seen   map[place]bool
	came   int
	mark   []event
	marked chan struct{}
	once   sync.Once
}

func (w *watch) see(stream uuid.UUID, version int) {
	if stream == w.mark[0].stream {
		w.once.Do(func() { close(w.marked) })
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if before, expected := w.seen[place{stream, version}]; expected && !before {
		w.seen[place{stream, version}] = true
		w.came++
	}
}

func (w *watch) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.came
}
