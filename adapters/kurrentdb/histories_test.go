package kurrentdb_test

import (
	"context"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest/faulty"
	"github.com/clickbook/clickbook/adapters/storetest/histories"
	"github.com/clickbook/clickbook/domain"
)

// TestHistories lets eight clients share two stores of one node, like the processes of one installation. Replies are
// lost above the stores; nothing else fails.
func TestHistories(t *testing.T) {
	node := esdbtest.Start(t, generous)
	stores := []domain.EventStore{open(t, node.URL()), open(t, node.URL())}
	histories.Run(t, func(_ *testing.T, client int) domain.EventStore { return stores[client%2] }, histories.Lossy())
}

// TestHistoriesOnUnreliableNetwork makes the network between one of two stores and the node fail repeatedly.
func TestHistoriesOnUnreliableNetwork(t *testing.T) {
	skipWithRaceDetector(t)
	node := esdbtest.Start(t, generous)
	proxy := faulty.NewProxy(t, node.Addr())
	stores := []domain.EventStore{open(t, "esdb://"+proxy.Addr+"?tls=false"), open(t, node.URL())}
	ctx, stop := context.WithCancel(t.Context())
	var disturbing sync.WaitGroup
	disturbing.Go(func() { proxy.Disturb(ctx, t, 1) })
	defer disturbing.Wait()
	defer stop()
	histories.Run(t, func(_ *testing.T, client int) domain.EventStore { return stores[client%2] },
		histories.OneIn(30))
}
