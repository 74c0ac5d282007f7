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

// generous is a node whose limit was raised, as docs/kurrentdb.md says.
var generous = esdbtest.WithMaxAppendSize(64 << 20)

func open(t testing.TB, url string) *kurrentdb.Store { return openIn(t, place{url: url}) }

// place is where a log is: on which node, and on one of many logs in which space of it, behind what.
type place struct {
	url, space string
	origin     domain.Position
}

func openIn(t testing.TB, at place) *kurrentdb.Store {
	t.Helper()
	store, err := kurrentdb.OpenIn(t.Context(), at.url, at.space, at.origin, kurrentdb.Options{Patience: 20 * time.Second})
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

// contract runs the suite on logs of their own.
func contract(t *testing.T, where func(t *testing.T) place) {
	places := map[domain.EventStore]place{}
	start := func(t *testing.T, at place) domain.EventStore {
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

func whole(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("the suite runs on two kinds of nodes in short mode")
	}
}

// ofMany is a fresh log on a node that others are on.
func ofMany(t *testing.T, url string) place {
	t.Helper()
	client := bare(t, url)
	defer client.Close()
	options := esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}
	stream, err := client.ReadAll(t.Context(), options, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	last, err := stream.Recv() // a node that has begun has written something
	if err != nil {
		t.Fatal(err)
	}
	end := domain.NewPosition(last.Event.Position.Commit, last.Event.Position.Prepare)
	return place{url, uuid.NewString() + ".", end}
}

func TestContract(t *testing.T) {
	t.Run("a node", func(t *testing.T) {
		contract(t, func(t *testing.T) place { return place{url: esdbtest.Start(t, generous).URL()} })
	})
	t.Run("a node with much of its own", func(t *testing.T) {
		whole(t)
		contract(t, func(t *testing.T) place {
			return place{url: esdbtest.Start(t, generous, esdbtest.WithStatsEvery(1)).URL()}
		})
	})
	t.Run("a cluster", func(t *testing.T) {
		contract(t, func(t *testing.T) place { return place{url: esdbtest.StartCluster(t, 3, generous).URL()} })
	})
	t.Run("a node of many logs", func(t *testing.T) { // as the next test has it
		whole(t)
		server := esdbtest.Start(t, generous)
		contract(t, func(t *testing.T) place { return ofMany(t, server.URL()) })
	})
}

// TestContractOnARealNode runs the same on the node that CLICKBOOK_TEST_ESDB names, by a URL as the store takes it. The
// node's MaxAppendSize must be raised, see docs/kurrentdb.md; what the suite writes stays on it.
func TestContractOnARealNode(t *testing.T) {
	url := os.Getenv("CLICKBOOK_TEST_ESDB")
	if url == "" {
		t.Skip("set CLICKBOOK_TEST_ESDB to the URL of an EventStoreDB or KurrentDB node that may be written full")
	}
	contract(t, func(t *testing.T) place { return ofMany(t, url) })
}
