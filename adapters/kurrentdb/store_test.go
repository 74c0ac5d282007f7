package kurrentdb_test

import (
	"os"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest"
	"github.com/clickbook/clickbook/domain"
)

// generous raises the limit of the node, as docs/kurrentdb.md recommends.
var generous = esdbtest.WithMaxAppendSize(64 << 20)

func open(t testing.TB, url string) *kurrentdb.Store { return openIn(t, logPlace{url: url}) }

// logPlace says where a log is: the node, and on a shared node the namespace and the position before its first event.
type logPlace struct {
	url, namespace string
	origin         domain.Position
}

func openIn(t testing.TB, at logPlace) *kurrentdb.Store {
	t.Helper()
	store, err := kurrentdb.OpenIn(t.Context(), at.url, at.namespace, at.origin, kurrentdb.Options{Patience: 20 * time.Second})
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

// contract runs the suite, each test on its own log.
func contract(t *testing.T, where func(t *testing.T) logPlace) {
	places := map[domain.EventStore]logPlace{}
	start := func(t *testing.T, at logPlace) domain.EventStore {
		store := openIn(t, at)
		places[store] = at
		return store
	}
	storetest.Run(t,
		func(t *testing.T) domain.EventStore { return start(t, where(t)) },
		storetest.Reopen(func(t *testing.T, store domain.EventStore) domain.EventStore {
			if err := store.(*kurrentdb.Store).Close(); err != nil {
				t.Fatal(err)
			}
			return start(t, places[store])
		}),
		storetest.Another(func(t *testing.T, store domain.EventStore) domain.EventStore {
			return start(t, places[store])
		}))
}

func skipInShortMode(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("short mode runs the suite on two kinds of nodes only")
	}
}

// onSharedNode returns a place for a new log on a node with other logs.
func onSharedNode(t *testing.T, url string) logPlace {
	t.Helper()
	client := bare(t, url)
	defer client.Close()
	options := esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}
	stream, err := client.ReadAll(t.Context(), options, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	last, err := stream.Recv() // a node writes events when it starts
	if err != nil {
		t.Fatal(err)
	}
	end := domain.NewPosition(last.Event.Position.Commit, last.Event.Position.Prepare)
	return logPlace{url, uuid.NewString() + ".", end}
}

func TestContract(t *testing.T) {
	t.Run("a node", func(t *testing.T) {
		contract(t, func(t *testing.T) logPlace { return logPlace{url: esdbtest.Start(t, generous).URL()} })
	})
	t.Run("a node with many system events", func(t *testing.T) {
		skipInShortMode(t)
		contract(t, func(t *testing.T) logPlace {
			return logPlace{url: esdbtest.Start(t, generous, esdbtest.WithStatsEvery(1)).URL()}
		})
	})
	t.Run("a cluster", func(t *testing.T) {
		contract(t, func(t *testing.T) logPlace { return logPlace{url: esdbtest.StartCluster(t, 3, generous).URL()} })
	})
	t.Run("a shared node", func(t *testing.T) { // like the real one in the next test
		skipInShortMode(t)
		server := esdbtest.Start(t, generous)
		contract(t, func(t *testing.T) logPlace { return onSharedNode(t, server.URL()) })
	})
}

// TestContractOnRealNode runs the suite on the node that CLICKBOOK_TEST_ESDB names by its URL. The node's
// MaxAppendSize must be raised, see docs/kurrentdb.md. The logs of the suite stay on the node.
func TestContractOnRealNode(t *testing.T) {
	url := os.Getenv("CLICKBOOK_TEST_ESDB")
	if url == "" {
		t.Skip("set CLICKBOOK_TEST_ESDB to the URL of an EventStoreDB or KurrentDB node for tests")
	}
	contract(t, func(t *testing.T) logPlace { return onSharedNode(t, url) })
}
