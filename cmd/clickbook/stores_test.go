package main

import (
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// locationArgs returns the flags for a location.
func locationArgs(at installation.Location) []string {
	args := []string{"--data", at.Data}
	if at.Store != "" {
		args = append(args, "--store", at.Store)
	}
	if at.Views != "" {
		args = append(args, "--views", at.Views)
	}
	return args
}

// newLocations make empty locations by the store of their log. On PostgreSQL the read models are there too.
var newLocations = map[string]func(t testing.TB) installation.Location{
	"sqlite": func(t testing.TB) installation.Location { return installation.Location{Data: t.TempDir()} },
	"postgres": func(t testing.TB) installation.Location {
		return installation.Location{Data: t.TempDir(), Store: pgtest.URL(t), Views: pgtest.URL(t)}
	},
	"kurrentdb": func(t testing.TB) installation.Location {
		return installation.Location{Data: t.TempDir(), Store: esdbtest.Start(t).URL()}
	},
}

// onEveryStore runs a test on each store.
func onEveryStore(t *testing.T, test func(t *testing.T, fresh func(testing.TB) installation.Location)) {
	for name, fresh := range newLocations {
		t.Run(name, func(t *testing.T) { test(t, fresh) })
	}
}

// TestAnyDirectoryNameWorks uses a directory whose name has characters that mean something in a URL.
func TestAnyDirectoryNameWorks(t *testing.T) {
	at := installation.Location{Data: filepath.Join(t.TempDir(), "a?b=c %41 ü#:")}
	begin(t, at)
	for _, name := range []string{"events.db", "views.db", "keys.db", "state.db"} {
		if !at.Holds(name) {
			t.Errorf("%s is not in %s", name, at.Data)
		}
	}
}
