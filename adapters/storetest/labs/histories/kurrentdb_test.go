package histories_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest/labs/histories"
	"github.com/clickbook/clickbook/adapters/storetest/labs/internal/race"
	"github.com/clickbook/clickbook/adapters/storetest/labs/network"
)

// appendLimit is the append limit that docs/kurrentdb.md tells operators to set.
var appendLimit = esdbtest.WithMaxAppendSize(64 << 20)

func openKurrentDB(t *testing.T, url string) *kurrentdb.Store {
	t.Helper()
	store, err := kurrentdb.Open(t.Context(), url, kurrentdb.Options{Patience: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, store)
	return store
}

func TestKurrentDBWithTwoStores(t *testing.T) {
	t.Parallel()
	node := esdbtest.Start(t, appendLimit)
	runShared(t, openKurrentDB(t, node.URL()), openKurrentDB(t, node.URL()), histories.Lossy())
}

func TestKurrentDBOnABadNetwork(t *testing.T) {
	if race.Detector {
		t.Skip("the EventStoreDB client has a race when a connection ends for good; this test runs without the detector")
	}
	t.Parallel()
	node := esdbtest.Start(t, appendLimit)
	proxy := network.NewProxy(t, node.Addr())
	runDisturbed(t, proxy, openKurrentDB(t, "esdb://"+proxy.Addr+"?tls=false"), openKurrentDB(t, node.URL()))
}
