package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

func open(t testing.TB, path string, options sqlite.Options) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, options)
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
	for name, options := range map[string]sqlite.Options{
		"durable":       {},
		"sync on close": {SyncOnClose: true, CacheMiB: 1, Readers: 1},
		"lagging":       {SyncOnClose: true, Lag: 3},
		"lagging far":   {SyncOnClose: true, Lag: 1000, Readers: 1},
	} {
		t.Run(name, func(t *testing.T) {
			paths := map[domain.EventStore]string{}
			start := func(t *testing.T, path string) domain.EventStore {
				store := open(t, path, options)
				paths[store] = path
				return store
			}
			storetest.Run(t,
				func(t *testing.T) domain.EventStore { return start(t, filepath.Join(t.TempDir(), "data", "events.db")) },
				storetest.Reopen(func(t *testing.T, store domain.EventStore) domain.EventStore {
					if err := store.(*sqlite.Store).Close(); err != nil {
						t.Fatal(err)
					}
					return start(t, paths[store])
				}))
		})
	}
}
