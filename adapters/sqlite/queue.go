package sqlite

import (
	"context"
	"runtime"
	"sync/atomic"

	"github.com/clickbook/clickbook/domain"
)

// Limits of the queue and of one transaction.
const (
	queueLength = 1024
	batchJobs   = 512
	batchBytes  = 4 << 20
)

// job is the request of one caller in a transaction shared with others. do returns an error only for a fault of the
// store, which rolls the whole transaction back. It keeps a refusal to itself.
type job struct {
	do    func(*writer) error
	size  int
	taken atomic.Bool // by the writer, or by a caller that gave up first
	done  chan error
}

// ask queues a job and waits for it. If ctx ends before the writer takes the job, the job is not done. Once taken,
// the job is waited for: only then is its outcome known and may the caller reuse its bytes.
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

// now does a job in the goroutine of the caller. A store with a Lag does not wait for the disk, so collecting jobs
// would gain nothing.
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

// read calls work with the connection of a store with a Lag, which sees events that are not in the file yet. Otherwise,
// and after a fault, it does nothing and reports false.
func (w *writer) read(work func(*reader) error) (done bool, err error) {
	if w.reader == nil {
		return false, nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closing || w.broken != nil {
		return false, nil
	}
	return true, w.store.file.Fault(work(w.reader))
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

// stop finishes the queue. It returns an error if acknowledged events could not be saved.
func (w *writer) stop() error {
	w.mu.Lock()
	w.closing = true
	w.mu.Unlock()
	close(w.queue)
	<-w.gone
	return w.unsaved
}

// gather takes the queued jobs. Callers that the last commit has just released are about to call again. gather yields
// to them as long as that brings more jobs, which costs a single caller no measurable time.
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
