package kurrentdb_test

import (
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest/faulty"
	"github.com/clickbook/clickbook/domain"
)

// TestNetworkFaults tries the store as a server has it, which asks again until the network is well, and one that is in
// a hurry, so that what it says when it gives up is heard too.
func TestNetworkFaults(t *testing.T) {
	unlessRaceDetector(t)
	for name, patience := range map[string]time.Duration{"patient": 20 * time.Second, "hasty": 400 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			node := esdbtest.Start(t, generous)
			faulty.Matrix(t, node.Addr(), func(t *testing.T, addr string) domain.EventStore {
				options := kurrentdb.Options{Patience: patience}
				if addr == node.Addr() {
					options.Patience = 20 * time.Second // the one that judges
				}
				store, err := kurrentdb.Open(t.Context(), "esdb://"+addr+"?tls=false", options)
				for tries := 0; tries < 20 && errors.Is(err, domain.ErrUnavailable); tries++ { // it is in a hurry here too
					store, err = kurrentdb.Open(t.Context(), "esdb://"+addr+"?tls=false", options)
				}
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := store.Close(); err != nil {
						t.Errorf("close: %v", err)
					}
				})
				return store
			})
		})
	}
}

// unlessRaceDetector leaves out what drives clients into ends of which they do not come back. Closing such a client is
// what frees the calls that are blocked in it, and a race with them, of the client's own.
func unlessRaceDetector(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("the client has a race of its own where its connection ends for good; it is run without the detector")
	}
}
