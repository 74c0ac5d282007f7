package histories

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/clickbook/clickbook/domain"
)

// network is between clients and a store in the same process, and loses and delays calls like a real one. Delayed
// calls are carried out by a later caller, or at the end.
type network struct {
	mu   sync.Mutex
	rng  *rand.Rand
	late []func()
}

// lossy is the view of a client of a store through the network.
type lossy struct {
	domain.EventStore
	network *network
}

// through returns the stores as seen through one network.
func through(n *network, stores []domain.EventStore) []domain.EventStore {
	all := make([]domain.EventStore, len(stores))
	for i, store := range stores {
		all[i] = lossy{store, n}
	}
	return all
}

// errGone is returned if the call or its result was lost.
var errGone = fmt.Errorf("the connection was lost: %w", domain.ErrUnavailable)

type delivery int

const (
	delivered delivery = iota
	callLost
	resultLost
	callLate
)

// deliver draws what happens to a call. First it lets others run, and may carry out a delayed call.
func (n *network) deliver() delivery {
	drawn, others, arrives := n.draw()
	for range others {
		runtime.Gosched()
	}
	if arrives != nil {
		arrives()
	}
	return drawn
}

func (n *network) draw() (drawn delivery, others int, arrives func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.late) > 0 && n.rng.IntN(8) == 0 {
		at := n.rng.IntN(len(n.late))
		arrives = n.late[at]
		n.late = append(n.late[:at], n.late[at+1:]...)
	}
	if drawn = delivery(n.rng.IntN(50)); drawn > callLate {
		drawn = delivered
	}
	return drawn, n.rng.IntN(3), arrives
}

func (n *network) delay(call func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.late = append(n.late, call)
}

// settle carries out the remaining delayed calls.
func (n *network) settle() {
	for _, arrive := range n.late {
		arrive()
	}
	n.late = nil
}

// Append may be lost, and so may its result.
func (s lossy) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	delivery := s.network.deliver()
	switch delivery {
	case callLost:
		return domain.Appended{}, errGone
	case callLate:
		ctx = context.WithoutCancel(ctx)
		s.network.delay(func() { _, _ = s.EventStore.Append(ctx, stream, expected, events) })
		return domain.Appended{}, errGone
	case delivered, resultLost:
	}
	appended, err := s.EventStore.Append(ctx, stream, expected, events)
	runtime.Gosched()
	if delivery == resultLost {
		return domain.Appended{}, errGone
	}
	return appended, err
}

// ReadStream may end early with an error.
func (s lossy) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return s.broken(s.EventStore.ReadStream(ctx, stream, from))
}

// ReadStreamBackwards may end early with an error.
func (s lossy) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return s.broken(s.EventStore.ReadStreamBackwards(ctx, stream))
}

// ReadAll may end early with an error.
func (s lossy) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return s.broken(s.EventStore.ReadAll(ctx, after, filter))
}

func (s lossy) broken(entries iter.Seq2[domain.Entry, error]) iter.Seq2[domain.Entry, error] {
	if s.network.deliver() != callLost {
		return entries
	}
	return func(yield func(domain.Entry, error) bool) {
		left := 2
		for entry, err := range entries {
			if left--; left < 0 || err != nil {
				break
			}
			if !yield(entry, nil) {
				return
			}
		}
		yield(domain.Entry{}, errGone)
	}
}
