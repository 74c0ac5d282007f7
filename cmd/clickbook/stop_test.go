package main

import (
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestStopUnderLoadLosesNoBooking stops a real server while clients book. It exits cleanly, and every booking that it
// granted is there after a restart.
func TestStopUnderLoadLosesNoBooking(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, installation.Location{Data: dir}, time.Now())
	for range 3 {
		s := serving(t, installation.Location{Data: dir})
		s.key = c.key
		granted := make(chan struct{}, 1024)
		var booking sync.WaitGroup
		booking.Go(func() { c.book(s, granted) })
		c.untilGranted(s, granted)
		if code := s.stop(); code != exitOK || s.errs.Len() > 0 {
			t.Errorf("the server ended with %d: %s", code, s.errs.String())
		}
		booking.Wait()
	}
	s := serving(t, installation.Location{Data: dir})
	s.key = c.key
	for key, id := range c.granted {
		shown := s.get("/accounts/%s/appointments/%s", c.account, id)
		at, want := shown.text("start"), c.places[key].start.Format(time.RFC3339)
		if shown.text("status") != "booked" || at != want {
			t.Errorf("request %s for %s was granted, and is now %s", key, want, shown.raw)
		}
	}
	s.kill()
	h := openAfterCrashes(t, installation.Location{Data: dir})
	defer h.close()
	c.checkCalendar(h)
	checkLog(h)
	t.Logf("%d requests were granted", len(c.granted))
}
