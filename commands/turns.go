package commands

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/clickbook/clickbook/domain"
)

// maxTogether bounds the commands that are decided and appended together.
const maxTogether = 64

// request is one command on its way through the engine.
type request struct {
	ctx      context.Context
	origin   Origin
	cmd      domain.Command
	expected *domain.Revision // nil means any

	outcome Outcome
	err     error

	wake  chan struct{} // closed when the request is done, or when it leads a group
	group []*request    // the requests that it leads, itself included; nil if another one leads
}

// turns lets the commands of one stream run in turn. Those that come while one waits for the disk are decided after it
// together, each on the state that the one before it leaves, and share one append. Apart from that, many callers of one
// stream would meet only conflicts. Other processes do not see the turns: against them, the expected revision decides.
type turns struct {
	mu      sync.Mutex
	waiting map[domain.Stream][]*request // has an entry for each stream whose turn is taken
}

// errTurnLost is the error of requests whose leader panicked.
var errTurnLost = errors.New("a command that ran together with this one failed badly; send it again")

// run runs a request in its turn: alone or with others, by calling do here or in the goroutine of another one. If the
// context of the request ends before its turn, it is not run.
func (t *turns) run(r *request, do func(ctx context.Context, group []*request)) {
	stream := r.cmd.Stream()
	group := t.enter(stream, r)
	if group == nil {
		select {
		case <-r.wake:
		case <-r.ctx.Done():
			if t.leave(stream, r) {
				r.err = r.ctx.Err()
				return
			}
			<-r.wake
		}
		if group = r.group; group == nil {
			return
		}
	}
	ctx, cancel := together(group)
	for _, one := range group {
		one.err = errTurnLost // until do replaces it
	}
	defer func() {
		cancel()
		for _, one := range group {
			if one != r {
				close(one.wake)
			}
		}
		t.next(stream)
	}()
	do(ctx, group)
}

// enter returns a group of the request alone if it is its turn. Otherwise it queues the request.
func (t *turns) enter(stream domain.Stream, r *request) (group []*request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting, taken := t.waiting[stream]
	if !taken {
		t.waiting[stream] = nil
		return []*request{r}
	}
	r.wake = make(chan struct{})
	t.waiting[stream] = append(waiting, r)
	return nil
}

// leave removes a request from the queue, unless its turn has come.
func (t *turns) leave(stream domain.Stream, r *request) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, one := range t.waiting[stream] {
		if one == r {
			t.waiting[stream] = append(t.waiting[stream][:i:i], t.waiting[stream][i+1:]...)
			return true
		}
	}
	return false
}

// next gives the turn of a stream to the requests that wait, of which the first one leads.
func (t *turns) next(stream domain.Stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting := t.waiting[stream]
	if len(waiting) == 0 {
		delete(t.waiting, stream)
		return
	}
	n := min(len(waiting), maxTogether)
	leader := waiting[0]
	leader.group = waiting[:n:n]
	t.waiting[stream] = waiting[n:]
	close(leader.wake)
}

// together returns a context that ends when the contexts of all requests have ended: one that gives up must not take
// the append from the others.
func together(group []*request) (context.Context, context.CancelFunc) {
	if len(group) == 1 {
		return group[0].ctx, func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(group[0].ctx))
	var left atomic.Int64
	left.Store(int64(len(group)))
	stops := make([]func() bool, len(group))
	for i, one := range group {
		stops[i] = context.AfterFunc(one.ctx, func() {
			if left.Add(-1) == 0 {
				cancel()
			}
		})
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel()
	}
}
