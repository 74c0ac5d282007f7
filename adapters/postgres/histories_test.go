package postgres_test

import (
	"context"
	"sync"
	"testing"

	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest/faulty"
	"github.com/clickbook/clickbook/adapters/storetest/histories"
	"github.com/clickbook/clickbook/domain"
)

// TestHistories lets eight clients use one store; answers are lost above it, and nothing else goes wrong.
func TestHistories(t *testing.T) {
	store := open(t, pgtest.URL(t), postgres.Options{})
	histories.Run(t, func(*testing.T, int) domain.EventStore { return store }, histories.Lossy())
}

// TestHistoriesOfSeveral lets them share two stores of one schema, as the processes of one installation do.
func TestHistoriesOfSeveral(t *testing.T) {
	url := pgtest.URL(t)
	stores := []domain.EventStore{open(t, url, postgres.Options{}), open(t, url, postgres.Options{})}
	histories.Run(t, func(_ *testing.T, client int) domain.EventStore { return stores[client%2] },
		histories.Lossy(), histories.OneIn(10))
}

// TestHistoriesOnABadNetwork has the network between one of two stores and the server fail again and again.
func TestHistoriesOnABadNetwork(t *testing.T) {
	url := pgtest.URL(t)
	server, _ := at(t, url, "")
	proxy := faulty.NewProxy(t, server)
	_, there := at(t, url, proxy.Addr)
	stores := []domain.EventStore{open(t, there, postgres.Options{}), open(t, url, postgres.Options{})}
	ctx, stop := context.WithCancel(t.Context())
	var disturbing sync.WaitGroup
	disturbing.Go(func() { proxy.Disturb(ctx, t, 1) })
	defer disturbing.Wait()
	defer stop()
	histories.Run(t, func(_ *testing.T, client int) domain.EventStore { return stores[client%2] },
		histories.OneIn(30))
}
