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

// crashesWanted is how often a server is killed over each store: as CLICKBOOK_CRASHES says, but at most 34 times, for a
// server takes longer to start than a store; 10 times where it says nothing.
func crashesWanted() int {
	if wanted, err := strconv.Atoi(os.Getenv("CLICKBOOK_CRASHES")); err == nil {
		return min(wanted, 34)
	}
	return 10
}

// crowd is clients who book until they are answered, over as many lives of the server as that takes.
type crowd struct {
	practice
	now  time.Time
	dice *rand.Rand

	mu      sync.Mutex
	next    int
	open    []wish            // asked for and not answered
	granted map[string]string // appointment by the key of the wish
	places  map[string]wish
}

const bookingClients = 6 // at once

// take is the next wish: one that was not answered, one that was (to see that it is answered the same), or a new one.
func (c *crowd) take() wish {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.open); n > 0 && c.dice.IntN(2) == 0 {
		again := c.open[n-1]
		c.open = c.open[:n-1]
		return again
	}
	if c.next > 0 && c.dice.IntN(10) == 0 {
		return c.wish(c.now, c.dice.IntN(c.next))
	}
	c.next++
	return c.wish(c.now, c.next-1)
}

// book lets the crowd book until the server answers no more, and tells of each wish that was granted.
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

func (c *crowd) note(t testing.TB, w wish, got answer) (answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch got.status {
	case http.StatusCreated:
		id := got.text("id")
		if before, known := c.granted[w.key]; known && before != id {
			t.Errorf("wish %s was granted as %s, and again as %s", w.key, before, id)
		}
		c.granted[w.key], c.places[w.key] = id, w
		return true
	case 0, http.StatusServiceUnavailable:
		c.open = append(c.open, w)
		return got.status != 0
	}
	t.Errorf("wish %s was answered %d: %s", w.key, got.status, got.raw)
	return false
}

// TestCrashesLoseAndDoubleNothing kills a real server again and again while clients book and reminders go out.
// Afterwards every acknowledged booking stands once, every text was charged once, and every read model is what the
// log makes it.
func TestCrashesLoseAndDoubleNothing(t *testing.T) {
	unlessShort(t)
	onEveryStore(t, func(t *testing.T, fresh func(testing.TB) installation.Home) { crash(t, fresh(t)) })
}

func crash(t *testing.T, at installation.Home) {
	now := time.Now()
	c := newCrowd(t, at, now)
	reminders := c.practice.book(t, at, now, 0, 4)
	for life := range crashesWanted() {
		s := serving(t, at)
		s.key = c.key
		granted := make(chan struct{}, 1024)
		var booking sync.WaitGroup
		booking.Go(func() { c.book(s, granted) })
		switch life % 5 {
		case 0: // it dies as soon as it speaks
		case 1, 3: // while texts go out
			c.untilSent(s, reminders)
		default:
			c.untilGranted(s, granted)
		}
		s.kill()
		booking.Wait()
		if t.Failed() {
			t.Fatalf("life %d: %s", life, s.errs.String())
		}
	}
	h := afterwards(t, at)
	defer h.close()
	c.examine(h)
	examineTexts(h, c.practice, reminders)
	examineLog(h)
	t.Logf("%d wishes were granted, %d were never answered", len(c.granted), len(c.open))
}

// untilGranted waits for some bookings.
func (c *crowd) untilGranted(s *server, granted <-chan struct{}) {
	s.t.Helper()
	for range c.chance(25) {
		select {
		case <-granted:
		case <-time.After(patience):
			s.t.Fatalf("nobody was answered: %s", s.errs.String())
		}
	}
}

// untilSent waits for some more texts to be accepted, as far as there are any left.
func (c *crowd) untilSent(s *server, all int) {
	s.t.Helper()
	sent := func() int {
		total := s.get("/accounts/%s/deliveries?from=%s&to=%s", c.account, c.now.AddDate(0, 0, -1).Format(time.DateOnly),
			c.now.AddDate(0, 0, 2).Format(time.DateOnly)).body["total"].(map[string]any)
		return int(total["attempted"].(float64))
	}
	enough := min(sent()+1+c.chance(all/4), all)
	until(s.t, "texts that are sent", func() bool { return sent() >= enough })
}

func (c *crowd) chance(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dice.IntN(n)
}

func newCrowd(t testing.TB, at installation.Home, now time.Time) *crowd {
	t.Helper()
	seed := uint64(now.UnixNano())
	t.Logf("seed %d", seed)
	return &crowd{
		practice: openPractice(t, at, now, practiceClients, 10_000), now: now,
		dice:    rand.New(rand.NewPCG(seed, 1)), //nolint:gosec // chance, not secrecy
		granted: make(map[string]string), places: make(map[string]wish),
	}
}

// afterwards opens a directory an hour later, when every doubt has run out, and lets all duties finish.
func afterwards(t testing.TB, at installation.Home) *hands {
	t.Helper()
	h := byHand(t, at, time.Now().Add(time.Hour))
	h.settle(t.Context())
	pending := installation.NewPendingBookings()
	for entry, err := range h.Events.ReadAll(t.Context(), domain.Position{}, domain.Filter{Types: booking.PendingTypes}) {
		h.ok(err)
		recorded, err := h.Codec.Decode(entry)
		h.ok(err)
		h.ok(pending.Pending.Apply(recorded))
	}
	h.ok(pending.Sweep(t.Context(), h.Booking.Protocol, h.Engine.Now()))
	h.settle(t.Context())
	h.clock.TurnTo(h.Engine.Now().Add(2 * doubt)) // texts that were offered again just now
	h.settle(t.Context())
	return h
}

const doubt = 20 * time.Minute

var bookedOnly = projections.Selection{Statuses: []appointment.Status{appointment.StatusBooked}}

func (h *hands) calendar() projections.Calendar { return projections.Calendar{DB: h.Views} }

// examine holds the calendar to what the crowd was told.
func (c *crowd) examine(h *hands) {
	h.t.Helper()
	standing := c.standing(h.t.Context(), h)
	for key, id := range c.granted {
		w := c.places[key]
		ids := standing[wish{client: w.client, start: w.start}]
		if len(ids) != 1 || ids[0].String() != id {
			h.t.Errorf("wish %s was granted as %s; there stand %v", key, id, ids)
		}
	}
	for place, ids := range standing {
		if len(ids) > 1 {
			h.t.Errorf("client %s has %d appointments at %s", place.client, len(ids), place.start)
		}
	}
}

func (w wish) String() string {
	return fmt.Sprintf("%s of %s at %s", w.key, w.client, strconv.Quote(w.start.String()))
}
