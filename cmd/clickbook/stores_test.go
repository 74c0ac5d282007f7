package main

import (
	"path/filepath"
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
)

// args are the flags that lead a command to a home.
func homeArgs(h home) []string {
	args := []string{"--data", h.data}
	if h.store != "" {
		args = append(args, "--store", h.store)
	}
	if h.views != "" {
		args = append(args, "--views", h.views)
	}
	return args
}

// newHomes make empty homes, by the engine that keeps their log. On PostgreSQL the read models are there too.
var newHomes = map[string]func(t testing.TB) home{
	"sqlite": func(t testing.TB) home { return home{data: t.TempDir()} },
	"postgres": func(t testing.TB) home {
		return home{data: t.TempDir(), store: pgtest.URL(t), views: pgtest.URL(t)}
	},
	"kurrentdb": func(t testing.TB) home { return home{data: t.TempDir(), store: esdbtest.Start(t).URL()} },
}

// onEveryStore runs a test over each engine.
func onEveryStore(t *testing.T, test func(t *testing.T, fresh func(testing.TB) home)) {
	for name, fresh := range newHomes {
		t.Run(name, func(t *testing.T) { test(t, fresh) })
	}
}

// TestAnyDirectoryIsAHome: a directory may be called what it likes, though its files are found by URLs.
func TestAnyDirectoryIsAHome(t *testing.T) {
	at := home{data: filepath.Join(t.TempDir(), "a?b=c %41 ü#:")}
	begin(t, at)
	for _, name := range []string{"events.db", "views.db", "keys.db", "state.db"} {
		if !at.holds(name) {
			t.Errorf("%s is not in %s", name, at.data)
		}
	}
	for place, want := range map[string]string{
		"sqlite:///var/lib/events.db": "/var/lib/events.db", "sqlite:events.db": "events.db",
		"sqlite:///with%3Fsign%25": "/with?sign%", at.logURL(): filepath.Join(at.data, "events.db"),
	} {
		if got, err := sqlitePath(place, "events.db"); got != want || err != nil {
			t.Errorf("%s is the file %q, %v; want %q", place, got, err, want)
		}
	}
	if _, err := sqlitePath("sqlite:half%2", "events.db"); err == nil {
		t.Error("half of an escaped sign was taken")
	}
}
