package simulated

import (
	"container/heap"
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
)

// Run passes each receipt to the sink when it is due by the real clock, until ctx ends. If the sink fails, Run passes
// the receipt again a second later, as a provider would.
func (n *Network) Run(ctx context.Context, sink func(context.Context, messaging.Receipt) error) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := time.Hour
		if next, ok := n.Next(); ok {
			wait = max(0, next.Sub(n.now()))
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
			continue
		case <-timer.C:
		}
		n.Deliver(ctx, sink)
	}
}

// Deliver passes the receipts that are due to the sink. A clock that runs faster than the real one needs it, because
// Run waits by the real one.
func (n *Network) Deliver(ctx context.Context, sink func(context.Context, messaging.Receipt) error) {
	for _, receipt := range n.Due(n.now()) {
		if err := sink(ctx, receipt); err != nil && ctx.Err() == nil {
			n.retry(receipt)
		}
	}
}

func (n *Network) retry(receipt messaging.Receipt) {
	n.mu.Lock()
	defer n.mu.Unlock()
	heap.Push(&n.pending, pendingReceipt{Receipt: receipt, due: n.now().Add(time.Second)})
}
