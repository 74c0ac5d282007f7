package main

import (
	"maps"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestReplayingTheLogChangesNothing deletes the checkpoints and the read models, so every handler gets every event of
// the month again. They must append nothing, and the read models must be the same.
func TestReplayingTheLogChangesNothing(t *testing.T) {
	month := simulatedMonth(t)
	before := openManual(t, installation.Location{Data: month.dir}, monthEnd)
	_, err := before.Projector.CatchUp(t.Context())
	before.ok(err)
	head, rows := before.head(), before.hashes()
	before.close()

	drop(t, month.dir, "state.db", "views.db")
	again := openManual(t, installation.Location{Data: month.dir}, monthEnd)
	defer again.close()
	_, err = again.Projector.CatchUp(t.Context())
	again.ok(err)
	seen, err := again.books.Step(t.Context())
	again.ok(err)
	sent, err := again.sending.Step(t.Context())
	again.ok(err)
	if seen == 0 || sent == 0 {
		t.Fatalf("the reactors read %d and %d events again, want some", seen, sent)
	}
	again.settle(t.Context())
	if now := again.head(); now != head {
		t.Errorf("replaying the log moved its end from %v to %v", head, now)
		again.logEvents(head)
	}
	if now := again.hashes(); !maps.Equal(now, rows) {
		t.Errorf("the read models are %v, want %v", now, rows)
	}
	poisoned, err := again.State.Poisoned(t.Context(), 10)
	if again.ok(err); len(poisoned) > 0 {
		t.Errorf("the poison queue has %+v", poisoned)
	}
}
