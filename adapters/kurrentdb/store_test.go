package kurrentdb_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

func open(t testing.TB, url string) *kurrentdb.Store {
	t.Helper()
	store, err := kurrentdb.Open(t.Context(), url, kurrentdb.Options{Patience: 20 * time.Second})
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

// generous is a node whose limit was raised, as docs/kurrentdb.md says.
var generous = esdbtest.WithMaxAppendSize(64 << 20)

func TestContract(t *testing.T) {
	for name, options := range map[string][]esdbtest.Option{
		"a node":                      {generous},
		"a node with much of its own": {generous, esdbtest.WithStatsEvery(1)},
	} {
		t.Run(name, func(t *testing.T) {
			urls := map[domain.EventStore]string{}
			start := func(t *testing.T, url string) domain.EventStore {
				store := open(t, url)
				urls[store] = url
				return store
			}
			storetest.Run(t,
				func(t *testing.T) domain.EventStore { return start(t, esdbtest.Start(t, options...).URL()) },
				storetest.Reopen(func(t *testing.T, store domain.EventStore) domain.EventStore {
					if err := store.(*kurrentdb.Store).Close(); err != nil {
						t.Fatal(err)
					}
					return start(t, urls[store])
				}))
		})
	}
}
