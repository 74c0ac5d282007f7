package kurrentdb

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// entryBuffer passes entries from the goroutine that receives a subscription to the one that handles them. It holds
// one batch. While the batch is full nothing more is received, and the node waits.
type entryBuffer struct {
	mu       sync.Mutex
	batch    []domain.Entry
	bytes    int
	searched [2]domain.Position // the last two positions the node has searched to, the later first
	active   bool               // something arrived since wasActive

	filled, emptied chan struct{} // hold one token each
}

func newEntryBuffer() *entryBuffer {
	return &entryBuffer{filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1)}
}

func signal(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

// put adds an entry. It waits for room.
func (b *entryBuffer) put(ctx context.Context, r *record) error {
	for {
		b.mu.Lock()
		room := len(b.batch) == 0 || len(b.batch) < domain.MaxBatch && b.bytes+r.size() <= pageBytes
		if room {
			b.batch = append(b.batch, r.Entry)
			b.bytes += r.size()
		}
		b.mu.Unlock()
		if room {
			signal(b.filled)
			return nil
		}
		select {
		case <-b.emptied:
		case <-ctx.Done():
			return contextErr(ctx)
		}
	}
}

// searchedTo notes a message from the node, and how far it has searched the log.
func (b *entryBuffer) searchedTo(position domain.Position) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.active = true
	if major, _ := position.Pair(); major <= math.MaxInt64 && b.searched[0].Before(position) {
		b.searched = [2]domain.Position{position, b.searched[0]}
	}
}

// resumeAfter returns a position after which a new subscription may begin. It is the last but one that the node
// reported, because some versions report an event as searched before they have searched it (KurrentDB#4970).
func (b *entryBuffer) resumeAfter() domain.Position {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.searched[1]
}

// wasActive reports whether the node has sent anything since the last call of wasActive.
func (b *entryBuffer) wasActive() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	active := b.active
	b.active = false
	return active
}

// drain returns the batch and empties the buffer.
func (b *entryBuffer) drain() []domain.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	batch := b.batch
	b.batch, b.bytes = nil, 0
	signal(b.emptied)
	return batch
}

// next waits for entries and returns them. When the subscription has ended it returns a subscriptionEnd, with the
// last entries if there are any. It returns errStuck if the node sends nothing for the length of maxSilence, unless
// that is 0.
func (b *entryBuffer) next(
	ctx context.Context, done <-chan error, maxSilence time.Duration,
) ([]domain.Entry, error) {
	var tick <-chan time.Time
	if maxSilence > 0 {
		ticker := time.NewTicker(maxSilence)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		if batch := b.drain(); len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-b.filled:
		case err := <-done:
			return b.drain(), &subscriptionEnd{err}
		case <-tick:
			if !b.wasActive() {
				return nil, errStuck
			}
		case <-ctx.Done():
			return nil, contextErr(ctx)
		}
	}
}

// subscriptionEnd is the end of a subscription. Its err is nil if the subscription has reached its last position.
type subscriptionEnd struct{ err error }

func (e *subscriptionEnd) Error() string { return "the subscription ended" }
