package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/postgres/pgtest"
)

// TestHealthTellsWhoHoldsTheLogBack: a transaction that somebody forgot keeps the read models from a booking, not the
// booking from being made. When it ends everything is seen.
func TestHealthTellsWhoHoldsTheLogBack(t *testing.T) {
	at := newHomes["postgres"](t)
	p := openPractice(t, at, time.Now(), practiceClients, 100)
	s := serving(t, at)
	s.key = p.key
	until(t, "a log that nobody holds", func() bool { return s.get("/health").body["waiting"] == nil })

	forgotten := pgtest.Conn(t, at.Store)
	tx, err := forgotten.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "SELECT pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	booked := p.send(s, p.wish(time.Now(), 0))
	if booked.status != http.StatusCreated {
		t.Fatalf("a booking was answered %d: %s", booked.status, booked.raw)
	}
	until(t, "word of who holds the log", func() bool {
		waiting, _ := s.get("/health").body["waiting"].(map[string]any)
		return waiting != nil && waiting["transaction"] != "" && waiting["seconds"].(float64) >= 0
	})
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the log to go on", func() bool { return s.get("/health").body["waiting"] == nil })
	s.get("/accounts/%s/appointments/%s", p.account, booked.text("id"))
}
