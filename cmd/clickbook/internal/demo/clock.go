package demo

import (
	"sync"
	"time"
)

// Clock is the clock of the demo. While the month is made up it shows what it was set to. While the demo serves it runs
// at the pace of the real clock, and faster while an outage is played.
type Clock struct {
	real func() time.Time

	mu    sync.Mutex
	at    time.Time // what it showed at since
	since time.Time // of the real clock
	speed int       // seconds in a real second
}

// NewClock returns a clock that does not run yet.
func NewClock(real func() time.Time) *Clock { return &Clock{real: real} }

// Now returns the time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.speed == 0 {
		return c.at
	}
	return c.at.Add(time.Duration(c.speed) * c.real().Sub(c.since))
}

// AdvanceTo moves the clock to t. It does nothing if t is in the past.
func (c *Clock) AdvanceTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); t.After(now) {
		c.at, c.since = t.UTC().Truncate(time.Microsecond), c.real()
	}
}

// Run lets the clock run at a speed: so many seconds in a real second, 0 to stop it.
func (c *Clock) Run(speed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.since, c.speed = c.now(), c.real(), speed
}

// Speed returns how many seconds pass in a real second.
func (c *Clock) Speed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}
