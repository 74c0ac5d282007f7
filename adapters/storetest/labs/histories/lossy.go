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

// network stands between clients and a store that runs in their own process, and does to calls what networks do.
// Late calls are carried out by whoever calls next, or when all is over.
type network struct {
	mu   sync.Mutex
	rng  *rand.Rand
	late []func()
}

// lossy is a client's view of a store through the network.
type lossy struct {
	domain.EventStore
	network *network
}

// behind puts every store behind one network.
func behind(n *network, stores []domain.EventStore) []domain.EventStore {
	all := make([]domain.EventStore, len(stores))
	for i, store := range stores {
		all[i] = lossy{store, n}
	}
	return all
}

// errGone is what a client sees when the answer, or the call, got lost.
var errGone = fmt.Errorf("the connection is gone: %w", domain.ErrUnavailable)

type fate int

const (
	fine fate = iota
	callLost
	answerLost
	callLate
)

// fate draws what becomes of a call. Before that others may get on, and a late call may arrive.
func (n *network) fate() fate {
	drawn, others, arrives := n.draw()
	for range others {
		runtime.Gosched()
	}
	if arrives != nil {
		arrives()
	}
	return drawn
}

func (n *network) draw() (drawn fate, others int, arrives func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.late) > 0 && n.rng.IntN(8) == 0 {
		at := n.rng.IntN(len(n.late))
		arrives = n.late[at]
		n.late = append(n.late[:at], n.late[at+1:]...)
	}
	if drawn = fate(n.rng.IntN(50)); drawn > callLate {
		drawn = fine
	}
	return drawn, n.rng.IntN(3), arrives
}

func (n *network) delay(call func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.late = append(n.late, call)
}

// settle lets the last late calls arrive.
func (n *network) settle() {
	for _, arrive := range n.late {
		arrive()
	}
	n.late = nil
}

// Append may be lost, and its answer too.
func (s lossy) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	fate := s.network.fate()
	switch fate {
	case callLost:
		return domain.Appended{}, errGone
	case callLate:
		ctx = context.WithoutCancel(ctx)
		s.network.delay(func() { _, _ = s.EventStore.Append(ctx, stream, expected, events) })
		return domain.Appended{}, errGone
	}
	appended, err := s.EventStore.Append(ctx, stream, expected, events)
	runtime.Gosched()
	if fate == answerLost {
		return domain.Appended{}, errGone
	}
	return appended, err
}

// ReadStream may break off.
func (s lossy) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return s.broken(s.EventStore.ReadStream(ctx, stream, from))
}

// ReadStreamBackwards may break off.
func (s lossy) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return s.broken(s.EventStore.ReadStreamBackwards(ctx, stream))
}

// ReadAll may break off.
func (s lossy) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return s.broken(s.EventStore.ReadAll(ctx, after, filter))
}

func (s lossy) broken(entries iter.Seq2[domain.Entry, error]) iter.Seq2[domain.Entry, error] {
	if s.network.fate() != callLost {
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
