package postgres_test

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

func open(t testing.TB, url string, options postgres.Options) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return store
}

func TestContract(t *testing.T) {
	for name, options := range map[string]postgres.Options{
		"durable": {},
		"lax":     {Lax: true, Conns: 1},
	} {
		t.Run(name, func(t *testing.T) {
			urls := map[domain.EventStore]string{}
			start := func(t *testing.T, url string) domain.EventStore {
				store := open(t, url, options)
				urls[store] = url
				return store
			}
			storetest.Run(t,
				func(t *testing.T) domain.EventStore { return start(t, pgtest.URL(t)) },
				storetest.Reopen(func(t *testing.T, store domain.EventStore) domain.EventStore {
					if err := store.(*postgres.Store).Close(); err != nil {
						t.Fatal(err)
					}
					return start(t, urls[store])
				}),
				storetest.Another(func(t *testing.T, store domain.EventStore) domain.EventStore {
					return start(t, urls[store])
				}))
		})
	}
}
