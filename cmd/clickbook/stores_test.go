package main

import (
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// args are the flags that lead a command to a home.
func homeArgs(h installation.Home) []string {
	args := []string{"--data", h.Data}
	if h.Store != "" {
		args = append(args, "--store", h.Store)
	}
	if h.Views != "" {
		args = append(args, "--views", h.Views)
	}
	return args
}

// newHomes make empty homes, by the engine that keeps their log. On PostgreSQL the read models are there too.
var newHomes = map[string]func(t testing.TB) installation.Home{
	"sqlite": func(t testing.TB) installation.Home { return installation.Home{Data: t.TempDir()} },
	"postgres": func(t testing.TB) installation.Home {
		return installation.Home{Data: t.TempDir(), Store: pgtest.URL(t), Views: pgtest.URL(t)}
	},
	"kurrentdb": func(t testing.TB) installation.Home {
		return installation.Home{Data: t.TempDir(), Store: esdbtest.Start(t).URL()}
	},
}

// onEveryStore runs a test over each engine.
func onEveryStore(t *testing.T, test func(t *testing.T, fresh func(testing.TB) installation.Home)) {
	for name, fresh := range newHomes {
		t.Run(name, func(t *testing.T) { test(t, fresh) })
	}
}

// TestAnyDirectoryIsAHome: a directory may be called what it likes, though its files are found by URLs.
func TestAnyDirectoryIsAHome(t *testing.T) {
	at := installation.Home{Data: filepath.Join(t.TempDir(), "a?b=c %41 ü#:")}
	begin(t, at)
	for _, name := range []string{"events.db", "views.db", "keys.db", "state.db"} {
		if !at.Holds(name) {
			t.Errorf("%s is not in %s", name, at.Data)
		}
	}
	for place, want := range map[string]string{
		"sqlite:///var/lib/events.db": "/var/lib/events.db", "sqlite:events.db": "events.db",
		"sqlite:///with%3Fsign%25": "/with?sign%", at.LogURL(): filepath.Join(at.Data, "events.db"),
	} {
		if got, err := installation.SqlitePath(place, "events.db"); got != want || err != nil {
			t.Errorf("%s is the file %q, %v; want %q", place, got, err, want)
		}
	}
	if _, err := installation.SqlitePath("sqlite:half%2", "events.db"); err == nil {
		t.Error("half of an escaped sign was taken")
	}
}
