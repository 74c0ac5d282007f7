package network_test

import (
	"io"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest/labs/network"
	"github.com/clickbook/clickbook/domain"
)

// patience is how long a store retries: as long as a server lets it, which should outlast every failure, and so short
// that the errors it returns when it gives up are tested too.
var patience = map[string]time.Duration{"patient": 20 * time.Second, "hasty": 400 * time.Millisecond}

func closeAfter(t *testing.T, store io.Closer) {
	t.Helper()
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

func TestPostgres(t *testing.T) {
	for name, patience := range patience {
		t.Run(name, func(t *testing.T) {
			base := pgtest.URL(t)
			server := pgtest.Addr(t, base)
			network.Matrix(t, server, func(t *testing.T, addr string) domain.EventStore {
				options := postgres.Options{Patience: patience}
				if addr == server {
					options = postgres.Options{} // the store that checks the others
				}
				store, err := postgres.Open(t.Context(), pgtest.WithAddr(t, base, addr), options)
				if err != nil {
					t.Fatal(err)
				}
				closeAfter(t, store)
				return store
			})
		})
	}
}
