package virtual

import (
	"sync/atomic"
	"time"
)

// Clock shows the time that it was set to.
type Clock struct{ micros atomic.Int64 }

// Now returns the time, in UTC.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

// AdvanceTo moves the clock to t. It does nothing if t is in the past.
func (c *Clock) AdvanceTo(t time.Time) {
	if micros := t.UnixMicro(); micros > c.micros.Load() {
		c.micros.Store(micros)
	}
}
