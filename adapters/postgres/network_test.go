package postgres_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/postgres"
	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
	"github.com/clickbook/clickbook/adapters/storetest/faulty"
	"github.com/clickbook/clickbook/domain"
)

// at is a URL's address, and the URL with another.
func at(t testing.TB, text, addr string) (before, after string) {
	t.Helper()
	parsed, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	before, parsed.Host = parsed.Host, addr
	return before, parsed.String()
}

// TestNetworkFaults tries the store as a server has it, which asks again until the network is well, and one that is in
// a hurry, so that what it says when it gives up is heard too.
func TestNetworkFaults(t *testing.T) {
	for name, patience := range map[string]time.Duration{"patient": 20 * time.Second, "hasty": 400 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			base := pgtest.URL(t)
			server, _ := at(t, base, "")
			faulty.Matrix(t, server, func(t *testing.T, addr string) domain.EventStore {
				_, there := at(t, base, addr)
				if addr == server {
					return open(t, there, postgres.Options{}) // the one that judges
				}
				return open(t, there, postgres.Options{Patience: patience})
			})
		})
	}
}
