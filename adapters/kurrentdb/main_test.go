package kurrentdb_test

import (
	"context"
	"os"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest"
)

// crashURL tells the process that the crash suite kills where the node is, which its parent runs and keeps.
const crashURL = "CLICKBOOK_TEST_CRASH_ESDB"

var crashFlavours = map[string]storetest.OpenDir{
	"a node": func(string) (storetest.Durable, error) {
		return kurrentdb.Open(context.Background(), os.Getenv(crashURL), kurrentdb.Options{})
	},
}

// TestMain is also the process that the crash suite kills.
func TestMain(m *testing.M) {
	storetest.Victim(crashFlavours)
	os.Exit(m.Run())
}

// TestCrash kills the engine, not the node: what it was about to write may stand or not, and a later engine must see
// which.
func TestCrash(t *testing.T) {
	for flavour, open := range crashFlavours {
		t.Run(flavour, func(t *testing.T) {
			server := esdbtest.Start(t, generous, esdbtest.WithStatsEvery(7))
			t.Setenv(crashURL, server.URL())
			storetest.Crash(t, flavour, open)
		})
	}
}
