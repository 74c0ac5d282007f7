package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/storetest"
)

// TestMain also runs the process that the crash suite kills, and removes the log that the benchmarks seed.
func TestMain(m *testing.M) {
	storetest.Victim(crashFlavours)
	code := m.Run()
	os.RemoveAll(seededDir)
	os.Exit(code)
}

// crashFlavours move the WAL into the file often, so that kills happen during that too.
var crashFlavours = map[string]storetest.OpenDir{
	"durable":       openToCrash(Options{CheckpointPages: 40}),
	"sync on close": openToCrash(Options{CheckpointPages: 40, SyncOnClose: true}),
}

func openToCrash(options Options) storetest.OpenDir {
	return func(dir string) (storetest.Durable, error) {
		return Open(context.Background(), filepath.Join(dir, "events.db"), options)
	}
}

func TestCrash(t *testing.T) {
	for flavour, open := range crashFlavours {
		t.Run(flavour, func(t *testing.T) { storetest.Crash(t, flavour, open) })
	}
}
