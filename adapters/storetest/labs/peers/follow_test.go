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

// missed is what a follower did not see of what was appended while it read.
type missed struct {
	appended, missed int
	early            int  // seen before the last writer had finished
	gaveUp           bool // the mark never came: what counts as missed may only be late
}

// hold begins a transaction of somebody else that stays open until it is released.
type hold func(context.Context) (release func(context.Context) error, err error)

// following lets 16 writers append while the store's reader follows. When all have finished, and the hold has ended
// where there is one, one more event is appended: the mark. A reader in order that has come to the mark will not go
// back, so whatever it has not seen by then it has missed.
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
		return result, errors.Join(errors.New("the follower ended before the end"), err)
	case <-time.After(followPatience):
		result.gaveUp = true
	}
	stop()
	result.missed = result.appended - watch.count()
	return result, <-ended
}

// appendUnder lets the writers append under the hold and answers how much of it had been seen when they had finished.
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

// place is an event's own name, in every store.
type place struct {
	stream  uuid.UUID
	version int
}

// watch remembers which of the expected events came.
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
