package mail

import "time"

// SetClock replaces the clock of a sender, and how long it waits for a connection to be free.
func (s *SMTP) SetClock(now func() time.Time, slotWait time.Duration) {
	s.now, s.slotWait = now, slotWait
}
