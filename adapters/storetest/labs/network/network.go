// Package network puts a proxy between a store and its server that does to the connection what networks do, and holds
// the store to the port all the while: what was acknowledged is there once, a read is whole or says that it is not, a
// follower misses nothing and sees nothing twice, every error is one of the port's, and when the network is well again
// so is the store, without being opened anew. It refuses to know any store, and to test speed.
package network

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Bounds of one trial.
const (
	dose     = 500 * time.Millisecond // how long a toxic is in place
	patience = 4 * time.Second        // that a caller has with one call; busy machines need some
	recovery = 30 * time.Second       // within which everybody must get on again; it takes a fraction of that
)

// Matrix tries every toxic in both directions on appends, reads and subscriptions. open opens the log of the server at
// addr, the same one each time it is called: at upstream itself, and at a proxy before it. The trials of different
// toxics run at the same time, each with a store of its own, which lives through all of its trials. With -short a toxic
// works in one direction only.
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

// uses are what a store is put to while the toxic comes and goes.
var uses = map[string]func(*trial) error{
	"append": (*trial).appends, "read": (*trial).reads, "subscribe": (*trial).follows,
}

// trial is one toxic on one use of a store. Its streams are its own, whatever else is in the log.
type trial struct {
	direct, store domain.EventStore // the store past the proxy, and behind it
	put, take     func()
	prefix        string // of the trial's streams
	start         domain.Position
	dose          time.Duration
	patience      time.Duration
	recovery      time.Duration
	fine, failed  counter
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
	return fmt.Sprintf("%d calls were answered, %d failed as the port allows", x.fine.Load(), x.failed.Load())
}

// call gives a caller's patience to one call.
func (x *trial) call(work func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), x.patience)
	defer cancel()
	err := work(ctx)
	if err == nil {
		x.fine.Add(1)
	} else if passing(err) {
		x.failed.Add(1)
	}
	return err
}

// passing reports whether an error says by the port's words that the call failed and another may not.
func passing(err error) bool {
	return errors.Is(err, domain.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, context.Canceled)
}
