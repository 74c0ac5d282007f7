package kurrentdb_test

import (
	"context"
	"os"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/storetest"
)

// crashURL names the environment variable with the URL of the node, for the process that the crash suite kills. The
// parent process runs the node.
const crashURL = "CLICKBOOK_TEST_CRASH_ESDB"

var crashFlavours = map[string]storetest.OpenDir{
	"a node": func(string) (storetest.Durable, error) {
		return kurrentdb.Open(context.Background(), os.Getenv(crashURL), kurrentdb.Options{})
	},
}

// TestMain also runs the process that the crash suite kills.
func TestMain(m *testing.M) {
	storetest.Victim(crashFlavours)
	os.Exit(m.Run())
}

// TestCrash kills the process with the store, not the node. The append it was about to make may be written or not,
// and the next process must find out.
func TestCrash(t *testing.T) {
	for flavour, open := range crashFlavours {
		t.Run(flavour, func(t *testing.T) {
			server := esdbtest.Start(t, generous, esdbtest.WithStatsEvery(7))
			t.Setenv(crashURL, server.URL())
			storetest.Crash(t, flavour, open)
		})
	}
}
