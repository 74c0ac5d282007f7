package postgres

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Limits of the queue and of one transaction.
const (
	queueLength = 1024
	batchJobs   = 512
	batchBytes  = 4 << 20
	eventBytes  = 100 // size of an event in addition to its data
)

// job is the append of one caller in a transaction shared with others. The data of the caller is read only while the
// job is packed into a batch. After that the caller may leave.
type job struct {
	stream   domain.Stream
	expected domain.Revision
	events   []domain.Stored
	size     int
	state    atomic.Int32
	done     chan answer
}

// The states of a job. It returns from packed to queued if it must be tried again.
const (
	queued int32 = iota
	packing
	packed
	left // the caller no longer waits
)

// answer is the result of a job: the head of its stream before it, and whether and where its events were written.
type answer struct {
	head     domain.Revision
	written  bool
	position domain.Position
	err      error
}

// ask queues an append and waits for it. If ctx or patience ends before the writer has packed the job, it is not
// done. After that it may be done, as a whole.
func (w *writer) ask(ctx context.Context, j *job) (answer, error) {
	patience := time.NewTimer(w.store.options.Patience)
	defer patience.Stop()
	if err := w.put(ctx, j, patience.C); err != nil {
		return answer{}, err
	}
	select {
	case said := <-j.done:
		return said, said.err
	case <-ctx.Done():
		j.leave()
		return answer{}, ctx.Err()
	case <-patience.C:
		j.leave()
		return answer{}, w.store.away()
	}
}

// leave waits until the writer no longer reads the data of the caller.
func (j *job) leave() {
	for j.state.Load() != left {
		if j.state.CompareAndSwap(queued, left) || j.state.CompareAndSwap(packed, left) {
			return
		}
		runtime.Gosched() // packing takes microseconds
	}
}

func (w *writer) put(ctx context.Context, j *job, patience <-chan time.Time) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closing {
		return domain.ErrStoreClosed
	}
	select {
	case w.queue <- j:
		return nil
	default:
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience:
		return w.store.away()
	case <-w.store.ended.Done():
		return domain.ErrStoreClosed
	}
}

// gather adds queued jobs to those that must be tried again. Callers that the last commit has just released are about
// to call again. gather yields to them as long as that brings more jobs, which costs a single caller no measurable
// time.
func (w *writer) gather(jobs []*job) []*job {
	size := 0
	for _, j := range jobs {
		size += j.size
	}
	for idle := false; len(jobs) < batchJobs && size < batchBytes; {
		select {
		case j, open := <-w.queue:
			if !open {
				return jobs
			}
			jobs = append(jobs, j)
			size += j.size
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
