// Package signal wakes many at once. It refuses to carry anything: whoever wakes looks for himself.
package signal

import "sync"

// Signal wakes everyone who waits for the log to grow. The zero value is ready.
type Signal struct {
	mu sync.Mutex
	ch chan struct{}
}

// Next is closed by the next Raise. Take it before looking whether there is something to do, so that nothing can
// come unseen between the look and the wait.
func (s *Signal) Next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

// Raise wakes all who wait.
func (s *Signal) Raise() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}
