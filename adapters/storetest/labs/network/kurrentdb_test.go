package network_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest/labs/internal/race"
	"github.com/clickbook/clickbook/adapters/storetest/labs/network"
	"github.com/clickbook/clickbook/domain"
)

func TestKurrentDB(t *testing.T) {
	if race.Detector {
		t.Skip("the EventStoreDB client has a race when a connection ends for good; this test runs without the detector")
	}
	for name, patience := range patience {
		t.Run(name, func(t *testing.T) {
			// docs/kurrentdb.md tells operators to raise the limit of appends.
			node := esdbtest.Start(t, esdbtest.WithMaxAppendSize(64<<20))
			network.Matrix(t, node.Addr(), func(t *testing.T, addr string) domain.EventStore {
				options := kurrentdb.Options{Patience: patience}
				if addr == node.Addr() {
					options.Patience = 20 * time.Second // the store that checks the others
				}
				store, err := kurrentdb.Open(t.Context(), "esdb://"+addr+"?tls=false", options)
				for tries := 0; tries < 20 && errors.Is(err, domain.ErrUnavailable); tries++ { // Open gives up early too
					store, err = kurrentdb.Open(t.Context(), "esdb://"+addr+"?tls=false", options)
				}
				if err != nil {
					t.Fatal(err)
				}
				closeAfter(t, store)
				return store
			})
		})
	}
}
