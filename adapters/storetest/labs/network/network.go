// Package network injects network failures between a store and its server, with a proxy, and checks the contract of
// the store meanwhile: acknowledged events are in the log once, a read is complete or returns an error, a follower
// misses nothing and sees nothing twice, and every error is one of the port. When the network works again, so must
// the store, without being reopened. The package knows no particular store and does not test speed.
package network

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Limits of one trial.
const (
	dose     = 500 * time.Millisecond // how long a toxic is active
	patience = 4 * time.Second        // how long a caller waits for one call; busy machines need some
	recovery = 30 * time.Second       // within which every worker must make progress again; a fraction of it is usual
)

// Matrix tests appends, reads and subscriptions with every toxic in both directions. open opens the same log each
// time: at upstream, or through a proxy. The trials of different toxics run in parallel. Each toxic has its own
// store for all of its trials. With -short a toxic is active in one direction only.
func Matrix(t *testing.T, upstream string, open func(t *testing.T, addr string) domain.EventStore) {
	direct := open(t, upstream)
	for i, toxic := range Toxics {
		ways := toxic.ways()
		if testing.Short() {
			ways = ways[i%len(ways):][:1]
		}
		t.Run(toxic.Name, func(t *testing.T) {
			t.Parallel()
			proxy := NewProxy(t, upstream)
			store := open(t, proxy.Addr)
			for _, way := range ways {
				for name, use := range uses {
					t.Run(string(way)+"/"+name, func(t *testing.T) {
						x, err := newTrial(t, direct, store)
						if err != nil {
							t.Fatal(err)
						}
						x.put = func() { proxy.Put(t, toxic, way) }
						x.take = func() { proxy.Take(t, toxic) }
						if err := use(x); err != nil {
							t.Error(err)
						}
						t.Log(x.counts())
					})
				}
			}
		})
	}
}

// uses are what workers do with a store while a toxic is active.
var uses = map[string]func(*trial) error{
	"append": (*trial).appends, "read": (*trial).reads, "subscribe": (*trial).follows,
}

// trial is one use of a store under one toxic. It has its own streams, whatever else is in the log.
type trial struct {
	direct, store domain.EventStore // the store connected directly, and through the proxy
	put, take     func()
	prefix        string // of the streams of the trial
	start         domain.Position
	dose          time.Duration
	patience      time.Duration
	recovery      time.Duration
	fine, failed  counter
	last          atomic.Value // the last temporary error, as text
}

func newTrial(t *testing.T, direct, store domain.EventStore) (*trial, error) {
	x := &trial{
		direct: direct, store: store, prefix: "network-" + uuid.NewString() + "-",
		dose: dose, patience: patience, recovery: recovery,
	}
	var err error
	if x.start, err = direct.Head(t.Context()); err != nil {
		return nil, fmt.Errorf("head: %w", err)
	}
	return x, nil
}

func (x *trial) stream(name string) domain.Stream { return domain.Stream(x.prefix + name) }

func (x *trial) filter() domain.Filter { return domain.Filter{Prefixes: []string{x.prefix}} }

func (x *trial) counts() string {
	return fmt.Sprintf("%d calls succeeded, %d failed as the port allows, the last with: %v",
		x.fine.Load(), x.failed.Load(), x.last.Load())
}

// call makes one call with the patience of a caller.
func (x *trial) call(work func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), x.patience)
	defer cancel()
	err := work(ctx)
	if err == nil {
		x.fine.Add(1)
	} else if temporary(err) {
		x.failed.Add(1)
		x.last.Store(err.Error())
	}
	return err
}

// temporary reports whether an error is one of those by which the port says that another call may succeed.
func temporary(err error) bool {
	return errors.Is(err, domain.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled)
}
