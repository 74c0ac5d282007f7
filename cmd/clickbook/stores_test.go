package main

import (
	"testing"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
)

// args are the flags that lead a command to a home.
func (h home) args() []string {
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
