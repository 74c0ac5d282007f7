package postgres

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of what waits and of what is done in one transaction.
const (
	queueLength = 1024
	batchJobs   = 512
	batchBytes  = 4 << 20
	eventBytes  = 100 // what an event costs beside its data
)

// job is one caller's append inside a transaction shared with others. The caller's bytes are read only while the job
// is being packed; then they stand in the batch, and the caller may leave.
type job struct {
	stream   domain.Stream
	expected domain.Revision
	events   []domain.Stored
	size     int
	state    atomic.Int32
	done     chan answer
}

// The states of a job. From packed it goes back to queued when it must be asked again.
const (
	queued int32 = iota
	packing
	packed
	left // by its caller, who waits no longer
)

// answer says where a stream stood when its turn came.
type answer struct {
	head     domain.Revision
	written  bool
	position domain.Position
	err      error
}

// ask queues an append and waits. When ctx ends, or patience, before the writer has packed the job, it is not done;
// afterwards it may have been, whole.
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

// leave waits until the writer no longer reads the caller's bytes.
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

// gather takes what is queued, behind what has to be asked again. Callers whom the last commit has just answered are
// about to ask again: they are let run first as long as that brings more, which costs a lone caller nothing that can
// be measured.
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
