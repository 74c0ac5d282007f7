package histories_test

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest/labs/histories"
	"github.com/clickbook/clickbook/adapters/storetest/labs/network"
	"github.com/clickbook/clickbook/domain"
)

func openPostgres(t *testing.T, url string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, store)
	return store
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	store := openPostgres(t, pgtest.URL(t))
	histories.Run(t, func(*testing.T, int) domain.EventStore { return store }, histories.Lossy())
}

func TestPostgresWithTwoStores(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	runShared(t, openPostgres(t, url), openPostgres(t, url), histories.Lossy(), histories.OneIn(10))
}

func TestPostgresOnABadNetwork(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	proxy := network.NewProxy(t, pgtest.Addr(t, url))
	runDisturbed(t, proxy, openPostgres(t, pgtest.WithAddr(t, url, proxy.Addr)), openPostgres(t, url))
}
