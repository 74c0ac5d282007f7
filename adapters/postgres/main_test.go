package postgres

import (
	"context"
	"os"
	"testing"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest"
)

// TestMain also runs the process that the crash suite kills.
func TestMain(m *testing.M) {
	storetest.Victim(crashFlavours)
	os.Exit(m.Run())
}

// crashURL names the variable with the URL of the store for the victim. The directory stays empty.
const crashURL = "CLICKBOOK_CRASH_URL"

var crashFlavours = map[string]storetest.OpenDir{
	"durable": openToCrash(Options{}),
	"lax":     openToCrash(Options{Lax: true}),
}

func openToCrash(options Options) storetest.OpenDir {
	return func(string) (storetest.Durable, error) {
		return Open(context.Background(), os.Getenv(crashURL), options)
	}
}

// TestCrash kills the program, not the server. Appends without a reply may or may not be there.
func TestCrash(t *testing.T) {
	for flavour, open := range crashFlavours {
		t.Run(flavour, func(t *testing.T) {
			t.Setenv(crashURL, pgtest.URL(t))
			storetest.Crash(t, flavour, open)
		})
	}
}
