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

// gather returns the jobs of the next transaction of a lane, and none when the queue is closed and all jobs are done.
// Beside another transaction it waits for enough of them. Callers that the last commit has just released are about to
// call again, so it yields to them as long as that brings more jobs, which costs a single caller no measurable time.
func (l *lane) gather() []*job {
	l.turn.Lock()
	defer l.turn.Unlock()
	var next departure
	for queue := l.queue; ; {
		flying := l.board(&next)
		switch {
		case len(next.jobs) > 0 && (flying == 0 || len(next.jobs) >= worthwhile || next.full()):
			l.fill(&next)
			return l.depart(next)
		case queue == nil && flying == 0:
			return nil
		}
		select {
		case j, open := <-queue:
			if !open {
				queue = nil
				continue
			}
			l.hold(j)
		case <-l.landed:
		}
	}
}

// departure is a transaction that is being gathered.
type departure struct {
	jobs []*job
	size int
}

func (d *departure) full() bool { return len(d.jobs) >= batchJobs || d.size >= batchBytes }

// hold keeps a job until its stream is in no transaction.
func (w *writer) hold(j *job) {
	w.flight.Lock()
	defer w.flight.Unlock()
	w.held = append(w.held, j)
}

// board adds the held jobs whose streams are in no transaction. It returns how many transactions are under way.
func (w *writer) board(next *departure) (flying int) {
	w.flight.Lock()
	defer w.flight.Unlock()
	stay := w.held[:0]
	for _, j := range w.held {
		if _, busy := w.streams[j.stream]; busy || next.full() {
			stay = append(stay, j)
			continue
		}
		next.jobs = append(next.jobs, j)
		next.size += j.size
	}
	clear(w.held[len(stay):])
	w.held = stay
	return w.flying
}

// fill adds queued jobs until there are none for the moment.
func (w *writer) fill(next *departure) {
	for idle := false; !next.full(); {
		select {
		case j, open := <-w.queue:
			if !open {
				return
			}
			w.hold(j)
			w.board(next)
			idle = false
		default:
			if idle {
				return
			}
			runtime.Gosched()
			idle = true
		}
	}
}

// depart marks the streams of the jobs as being in a transaction.
func (w *writer) depart(next departure) []*job {
	w.flight.Lock()
	defer w.flight.Unlock()
	w.flying++
	for _, j := range next.jobs {
		w.streams[j.stream] = struct{}{}
	}
	return next.jobs
}

// land ends the transaction of the jobs. Some of them must be tried again.
func (w *writer) land(jobs, again []*job) {
	w.flight.Lock()
	defer w.flight.Unlock()
	w.flying--
	for _, j := range jobs {
		delete(w.streams, j.stream)
	}
	w.held = append(again, w.held...)
	select {
	case w.landed <- struct{}{}:
	default:
	}
}
