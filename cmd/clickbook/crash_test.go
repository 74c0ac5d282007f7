package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/projections"
)

// crashesWanted returns how often to kill a server on each store: CLICKBOOK_CRASHES times, 10 by default and 34 at
// most, because a server takes longer to start than a store.
func crashesWanted() int {
	if wanted, err := strconv.Atoi(os.Getenv("CLICKBOOK_CRASHES")); err == nil {
		return min(wanted, 34)
	}
	return 10
}

// crowd is a number of clients who repeat each request until it is answered, however often the server restarts.
type crowd struct {
	practice
	now    time.Time
	random *rand.Rand

	mu      sync.Mutex
	next    int
	open    []request         // sent and not answered
	granted map[string]string // appointment by the key of the request
	places  map[string]request
}

const bookingClients = 6 // at once

// take returns the next request: an unanswered one, an answered one (the answer must be the same), or a new one.
func (c *crowd) take() request {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.open); n > 0 && c.random.IntN(2) == 0 {
		again := c.open[n-1]
		c.open = c.open[:n-1]
		return again
	}
	if c.next > 0 && c.random.IntN(10) == 0 {
		return c.request(c.now, c.random.IntN(c.next))
	}
	c.next++
	return c.request(c.now, c.next-1)
}

// book lets the crowd book until the server stops answering, and signals each granted request.
func (c *crowd) book(s *server, granted chan<- struct{}) {
	var clients sync.WaitGroup
	for range bookingClients {
		clients.Go(func() {
			for {
				w := c.take()
				got := c.send(s, w)
				if !c.note(s.t, w, got) {
					return
				}
				select {
				case granted <- struct{}{}:
				default:
				}
			}
		})
	}
	clients.Wait()
}

func (c *crowd) note(t testing.TB, w request, got response) (answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch got.status {
	case http.StatusCreated:
		id := got.text("id")
		if before, known := c.granted[w.key]; known && before != id {
			t.Errorf("request %s was granted as %s, then as %s", w.key, before, id)
		}
		c.granted[w.key], c.places[w.key] = id, w
		return true
	case 0, http.StatusServiceUnavailable:
		c.open = append(c.open, w)
		return got.status != 0
	}
	t.Errorf("request %s: status %d: %s", w.key, got.status, got.raw)
	return false
}

// TestCrashesLoseAndDuplicateNothing kills a real server again and again while clients book and reminders go out.
// Afterwards every acknowledged booking exists once, every text was charged once, and every read model agrees with
// the log.
func TestCrashesLoseAndDuplicateNothing(t *testing.T) {
	skipIfShort(t)
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Location) { crash(t, fresh(t)) })
}

func crash(t *testing.T, at installation.Location) {
	now := time.Now()
	c := newCrowd(t, at, now)
	reminders := c.practice.book(t, at, now, 0, 3) // a number gets no more texts in an hour
	for round := range crashesWanted() {
		s := serving(t, at)
		s.key = c.key
		granted := make(chan struct{}, 1024)
		var booking sync.WaitGroup
		booking.Go(func() { c.book(s, granted) })
		switch round % 5 {
		case 0: // right after the start
		case 1, 3: // while texts go out
			c.untilSent(s, reminders)
		default:
			c.untilGranted(s, granted)
		}
		s.kill()
		booking.Wait()
		if t.Failed() {
			t.Fatalf("round %d: %s", round, s.errs.String())
		}
	}
	h := openAfterCrashes(t, at)
	defer h.close()
	c.checkCalendar(h)
	checkTexts(h, c.practice, reminders)
	checkLog(h)
	t.Logf("%d requests were granted, %d were never answered", len(c.granted), len(c.open))
}

// untilGranted waits for some bookings.
func (c *crowd) untilGranted(s *server, granted <-chan struct{}) {
	s.t.Helper()
	for range c.chance(25) {
		select {
		case <-granted:
		case <-time.After(patience):
			s.t.Fatalf("no request was answered: %s", s.errs.String())
		}
	}
}

// untilSent waits for a few more texts to be submitted, if there are any left.
func (c *crowd) untilSent(s *server, all int) {
	s.t.Helper()
	sent := func() int {
		total := s.get("/accounts/%s/deliveries?from=%s&to=%s", c.account, c.now.AddDate(0, 0, -1).Format(time.DateOnly),
			c.now.AddDate(0, 0, 2).Format(time.DateOnly)).body()["total"].(map[string]any)
		return int(total["attempted"].(float64))
	}
	enough := min(sent()+1+c.chance(all/4), all)
	waitUntil(s.t, "texts to be sent", func() bool { return sent() >= enough })
}

func (c *crowd) chance(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

func newCrowd(t testing.TB, at installation.Location, now time.Time) *crowd {
	t.Helper()
	seed := uint64(now.UnixNano())
	t.Logf("seed %d", seed)
	return &crowd{
		practice: openPractice(t, at, now, practiceClients, 10_000), now: now,
		random:  rand.New(rand.NewPCG(seed, 1)), // not for secrets
		granted: make(map[string]string), places: make(map[string]request),
	}
}

// openAfterCrashes opens a directory an hour later, when no attempt is in doubt any more, and lets all handlers
// finish.
func openAfterCrashes(t testing.TB, at installation.Location) *manual {
	t.Helper()
	h := openManual(t, at, time.Now().Add(time.Hour))
	h.settle(t.Context())
	pending := booking.NewPending()
	for entry, err := range h.Events.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: booking.PendingTypes}) {
		h.ok(err)
		recorded, err := h.Codec.Decode(entry)
		h.ok(err)
		h.ok(pending.Apply(recorded))
	}
	_, err := h.Booking.Protocol.Sweep(t.Context(), h.Engine.Now(), pending.Candidates(h.Engine.Now()))
	h.ok(err)
	h.settle(t.Context())
	h.clock.at = h.Engine.Now().Add(2 * doubt) // for texts that were just retried
	h.settle(t.Context())
	return h
}

const doubt = 20 * time.Minute

var bookedOnly = projections.Selection{Statuses: []appointment.Status{appointment.StatusBooked}}

func (h *manual) calendar() projections.Calendar { return projections.Calendar{DB: h.Views} }

// checkCalendar compares the calendar with what the crowd was told.
func (c *crowd) checkCalendar(h *manual) {
	h.t.Helper()
	booked := c.booked(h.t.Context(), h)
	for key, id := range c.granted {
		w := c.places[key]
		ids := booked[request{client: w.client, start: w.start}]
		if len(ids) != 1 || ids[0].String() != id {
			h.t.Errorf("request %s was granted as %s, the calendar has %v", key, id, ids)
		}
	}
	for place, ids := range booked {
		if len(ids) > 1 {
			h.t.Errorf("client %s has %d appointments at %s", place.client, len(ids), place.start)
		}
	}
}

func (w request) String() string {
	return fmt.Sprintf("%s of %s at %s", w.key, w.client, strconv.Quote(w.start.String()))
}
