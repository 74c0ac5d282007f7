package main

import (
	"maps"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestTheWholeLogSeenAgainChangesNothing: the checkpoints and the read models are lost, so every duty sees every
// event of the month again. Nothing may be appended, and the read models come out as they were.
func TestTheWholeLogSeenAgainChangesNothing(t *testing.T) {
	month := livedThrough(t)
	before := byHand(t, installation.Home{Data: month.dir}, monthEnd)
	_, err := before.Projector.CatchUp(t.Context())
	before.ok(err)
	head, rows := before.head(), before.hashes()
	before.close()

	drop(t, month.dir, "state.db", "views.db")
	again := byHand(t, installation.Home{Data: month.dir}, monthEnd)
	defer again.close()
	_, err = again.Projector.CatchUp(t.Context())
	again.ok(err)
	seen, err := again.books.Step(t.Context())
	again.ok(err)
	sent, err := again.sending.Step(t.Context())
	again.ok(err)
	if seen == 0 || sent == 0 {
		t.Fatalf("the duties saw %d and %d events of the month again", seen, sent)
	}
	again.settle(t.Context())
	if now := again.head(); now != head {
		t.Errorf("seeing the log again moved its end from %v to %v", head, now)
		again.tell(head)
	}
	if now := again.hashes(); !maps.Equal(now, rows) {
		t.Errorf("the read models are %v, not %v", now, rows)
	}
	aside, err := again.State.Poisoned(t.Context(), 10)
	if again.ok(err); len(aside) > 0 {
		t.Errorf("events were put aside: %+v", aside)
	}
}
