// Package signal wakes several goroutines at once. It carries no data: each goroutine checks for itself what is new.
package signal

import "sync"

// Signal wakes everyone who waits for the log to grow. The zero value is ready to use.
type Signal struct {
	mu sync.Mutex
	ch chan struct{}
}

// Next returns a channel that the next Raise closes. Call it before checking for work, so that nothing is missed
// between the check and the wait.
func (s *Signal) Next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

// Raise wakes all waiting goroutines.
func (s *Signal) Raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}
