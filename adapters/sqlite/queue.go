package sqlite

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of what waits and of what is done in one transaction.
const (
	queueLength = 1024
	batchJobs   = 512
	batchBytes  = 4 << 20
)

// job is one caller's wish inside a transaction shared with others. do reports a fault of the store, which undoes
// the whole transaction; a wish that is refused on its own keeps that to itself.
type job struct {
	do    func(*writer) error
	size  int
	taken atomic.Bool // by the writer, or by a caller who stopped waiting before the writer came
	done  chan error
}

// ask queues a job and waits. When ctx ends before the writer takes the job up, it is not done; once taken up it
// is finished, and waited for, because only then it is known what became of it and the caller's bytes are free.
func (w *writer) ask(ctx context.Context, size int, do func(*writer) error) error {
	j := &job{do: do, size: size, done: make(chan error, 1)}
	if w.store.options.Lag > 0 {
		return w.now(ctx, j)
	}
	if err := w.put(ctx, j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		if j.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		return <-j.done
	}
}

// now does a job in the caller's own time: where nobody waits for the disk there is nothing to gather for.
func (w *writer) now(ctx context.Context, j *job) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing {
		return domain.ErrStoreClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w.work([]*job{j})
	return <-j.done
}

func (w *writer) put(ctx context.Context, j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closing {
		return domain.ErrStoreClosed
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop lets the queue run out. An error says that acknowledged events could not be saved.
func (w *writer) stop() error {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	close(w.queue)
	<-w.gone
	return w.unsaved
}

// gather takes what is queued. Callers whom the last commit has just answered are about to ask again: they are let
// run first as long as that brings more, which costs a lone caller nothing that can be measured.
func (w *writer) gather(first *job) (jobs []*job) {
	size := 0
	take := func(j *job) {
		if j.taken.CompareAndSwap(false, true) {
			jobs = append(jobs, j)
			size += j.size
		}
	}
	take(first)
	for idle := false; len(jobs) < batchJobs && size < batchBytes; {
		select {
		case j, open := <-w.queue:
			if !open {
				return jobs
			}
			take(j)
			idle = false
		default:
			if idle {
				return jobs
			}
			runtime.Gosched()
			idle = true
		}
	}
	return jobs
}
