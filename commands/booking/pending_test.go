package booking_test

import (
	"slices"
	"testing"

	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/commandstest"
)

func TestPendingHandlesExactlyItsTypes(t *testing.T) {
	for _, r := range commandstest.NewWorld(t).Recorded() {
		err := booking.NewPending().Apply(r)
		switch name := r.Event.EventType(); {
		case slices.Contains(booking.PendingTypes, name) && err != nil:
			t.Errorf("Apply of %s returned %v", name, err)
		case !slices.Contains(booking.PendingTypes, name) && !commandstest.IsUnexpected(err, r):
			t.Errorf("Apply of %s, which is not listed, returned %v, want domain.Unexpected", name, err)
		}
	}
}
