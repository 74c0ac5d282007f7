package histories_test

import (
	"context"
	"io"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/storetest/labs/histories"
	"github.com/clickbook/clickbook/adapters/storetest/labs/network"
	"github.com/clickbook/clickbook/domain"
)

// closeAfter closes a store when the test ends.
func closeAfter(t *testing.T, store io.Closer) {
	t.Helper()
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

// runShared lets the clients share two stores of one log, as the processes of one installation do.
func runShared(t *testing.T, one, two domain.EventStore, options ...histories.Option) {
	t.Helper()
	stores := []domain.EventStore{one, two}
	histories.Run(t, func(_ *testing.T, client int) domain.EventStore { return stores[client%2] }, options...)
}

// runDisturbed is runShared while network failures come and go on one store's proxy. It plays one history in 30,
// because they are slow.
func runDisturbed(t *testing.T, proxy *network.Proxy, disturbed, direct domain.EventStore) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var disturbing sync.WaitGroup
	disturbing.Go(func() { proxy.Disturb(ctx, t, 1) })
	defer disturbing.Wait()
	defer stop()
	runShared(t, disturbed, direct, histories.OneIn(30))
}
