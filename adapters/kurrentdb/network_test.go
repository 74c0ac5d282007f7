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

// TestNetworkFailures runs with a long patience, which outlasts the failures, and with a short one, so that the
// errors after giving up are tested too.
func TestNetworkFailures(t *testing.T) {
	skipWithRaceDetector(t)
	for name, patience := range map[string]time.Duration{"long patience": 20 * time.Second, "short patience": 400 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			node := esdbtest.Start(t, generous)
			faulty.Matrix(t, node.Addr(), func(t *testing.T, addr string) domain.EventStore {
				options := kurrentdb.Options{Patience: patience}
				if addr == node.Addr() {
					options.Patience = 20 * time.Second // this store checks the others
				}
				store, err := kurrentdb.Open(t.Context(), "esdb://"+addr+"?tls=false", options)
				for tries := 0; tries < 20 && errors.Is(err, domain.ErrUnavailable); tries++ { // Open may give up too
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

// skipWithRaceDetector skips tests that break clients for good. Closing such a client unblocks the calls inside it,
// and the client has a data race with them.
func skipWithRaceDetector(t *testing.T) {
	t.Helper()
	if raceDetector {
		t.Skip("the client has a data race when its connection ends for good: run this test without the race detector")
	}
}
