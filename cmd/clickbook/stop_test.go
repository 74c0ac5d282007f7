package main

import (
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestAStopUnderLoadLosesNoAnswer asks a real server to end while clients book: it ends well, and whatever it
// answered before is there when it is started again.
func TestAStopUnderLoadLosesNoAnswer(t *testing.T) {
	dir := t.TempDir()
	c := newCrowd(t, installation.Home{Data: dir}, time.Now())
	for range 3 {
		s := serving(t, installation.Home{Data: dir})
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
	s := serving(t, installation.Home{Data: dir})
	s.key = c.key
	for key, id := range c.granted {
		shown := s.get("/accounts/%s/appointments/%s", c.account, id)
		if at, want := shown.text("start"), c.places[key].start.Format(time.RFC3339); shown.text("status") != "booked" || at != want {
			t.Errorf("wish %s for %s was granted as %s", key, want, shown.raw)
		}
	}
	s.kill()
	h := afterwards(t, installation.Home{Data: dir})
	defer h.close()
	c.examine(h)
	examineLog(h)
	t.Logf("%d wishes were granted", len(c.granted))
}
