package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
)

// TestHealthShowsTransactionThatBlocksReaders leaves a transaction open. A booking succeeds, but the read models wait
// for the transaction to end.
func TestHealthShowsTransactionThatBlocksReaders(t *testing.T) {
	at := newLocations["postgres"](t)
	p := openPractice(t, at, time.Now(), practiceClients, 100)
	s := serving(t, at)
	s.key = p.key
	waitUntil(t, "a log that nobody blocks", func() bool { return s.get("/health").body()["waiting"] == nil })

	forgotten := pgtest.Conn(t, at.Store)
	tx, err := forgotten.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	booked := p.send(s, p.request(time.Now(), 0))
	if booked.status != http.StatusCreated {
		t.Fatalf("a booking got status %d: %s", booked.status, booked.raw)
	}
	waitUntil(t, "health to show the transaction", func() bool {
		waiting, _ := s.get("/health").body()["waiting"].(map[string]any)
		return waiting != nil && waiting["transaction"] != "" && waiting["seconds"].(float64) >= 0
	})
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the log to be unblocked", func() bool { return s.get("/health").body()["waiting"] == nil })
	s.get("/accounts/%s/appointments/%s", p.account, booked.text("id"))
}
