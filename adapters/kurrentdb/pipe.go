package kurrentdb

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/domain"
)

// pipe hands entries from the goroutine that receives a subscription to the one that works on them. It holds one
// batch; while that is full nothing more is received, and the node waits.
type pipe struct {
	mu      sync.Mutex
	batch   []domain.Entry
	bytes   int
	marks   [2]domain.Position // the last two places up to which the node has looked, the later first
	touched bool

	filled, emptied chan struct{} // hold one token each
}

func newPipe() *pipe { return &pipe{filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1)} }

func signal(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

// put waits for room.
func (p *pipe) put(ctx context.Context, r *record) error {
	for {
		p.mu.Lock()
		room := len(p.batch) == 0 || len(p.batch) < domain.MaxBatch && p.bytes+r.size() <= pageBytes
		if room {
			p.batch = append(p.batch, r.Entry)
			p.bytes += r.size()
		}
		p.mu.Unlock()
		if room {
			signal(p.filled)
			return nil
		}
		select {
		case <-p.emptied:
		case <-ctx.Done():
			return ended(ctx)
		}
	}
}

// mark notes how far the node has looked.
func (p *pipe) mark(position domain.Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.touched = true
	if major, _ := position.Pair(); major <= math.MaxInt64 && p.marks[0].Before(position) {
		p.marks = [2]domain.Position{position, p.marks[0]}
	}
}

// passed is a place that a new subscription may begin behind, as far as the node's word goes. Some nodes say once that
// they have looked at an event which they are yet to look at (KurrentDB#4970), so it is the place before the last.
func (p *pipe) passed() domain.Position {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.marks[1]
}

// moved says whether the node has been heard of since it was asked last.
func (p *pipe) moved() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	moved := p.touched
	p.touched = false
	return moved
}

// drain takes what is there.
func (p *pipe) drain() []domain.Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	batch := p.batch
	p.batch, p.bytes = nil, 0
	signal(p.emptied)
	return batch
}

// take waits for entries. Without any it says that there will be none: nil when the subscription came to the end that
// was set for it, errStuck when nothing was heard for that long, where that is not 0.
func (p *pipe) take(ctx context.Context, done <-chan error, quiet time.Duration) ([]domain.Entry, error) {
	var silence <-chan time.Time
	if quiet > 0 {
		timer := time.NewTicker(quiet)
		defer timer.Stop()
		silence = timer.C
	}
	for {
		if batch := p.drain(); len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-p.filled:
		case err := <-done:
			return p.drain(), &over{err}
		case <-silence:
			if !p.moved() {
				return nil, errStuck
			}
		case <-ctx.Done():
			return nil, ended(ctx)
		}
	}
}

// over is how a subscription ended, nil for well.
type over struct{ err error }

func (o *over) Error() string { return "the subscription ended" }

// query is a subscription to the log.
type query struct {
	after  domain.Position // where the node begins
	last   domain.Position // up to where all was handed over
	until  domain.Position // where it ends, zero for never
	filter domain.Filter
	space  space
	server *esdb.SubscriptionFilter
}

// receive fills a pipe until the query ends, or the connection.
func (q *query) receive(ctx context.Context, client *esdb.Client, p *pipe) error {
	options := esdb.SubscribeToAllOptions{
		From: from(q.after), Filter: q.server, MaxSearchWindow: searchWindow, CheckpointInterval: checkpointEvery,
	}
	subscription, err := client.SubscribeToAll(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = subscription.Close() }() // it answers nil always
	p.mark(domain.Position{})
	for last := q.last; ; {
		event := subscription.Recv()
		switch {
		case event.SubscriptionDropped != nil:
			return event.SubscriptionDropped.Error
		case event.CheckPointReached != nil:
			p.mark(domain.NewPosition(event.CheckPointReached.Commit, event.CheckPointReached.Prepare))
			continue
		case event.EventAppeared == nil:
			continue
		}
		r, err := q.space.read(event.EventAppeared)
		if err != nil {
			return err
		}
		if r.ours && last.Before(r.Position) {
			if last = r.Position; !q.until.IsZero() && q.until.Before(last) {
				return nil
			}
			if passes(q.filter, &r.Entry) {
				if err := p.put(ctx, &r); err != nil {
					return err
				}
			}
		}
		p.mark(r.Position)
		if !q.until.IsZero() && !r.Position.Before(q.until) {
			return nil
		}
	}
}
